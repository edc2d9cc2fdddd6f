/// Document lengths as scores see them.
package enum DocumentLength {
    /// A length as the byte in which a segment, and Lucene, keeps it gives it back.
    package static func rounded(_ length: Int) -> Int { LengthByte.decode(LengthByte.encode(length)) }
}
