/// Document lengths in one byte, as Lucene stores them: 0…39 exactly, above with four significant bits.
///
/// Same values as Lucene's `SmallFloat.intToByte4`, so that BM25 scores are Lucene's.
enum LengthByte {
    private static let exact = 24

    /// The byte of a length; shorter or equal lengths have smaller or equal bytes.
    static func encode(_ length: Int) -> UInt8 {
        guard length >= exact else { return UInt8(max(0, length)) }
        let x = min(length, Int(Int32.max)) - exact
        let bits = Int.bitWidth - x.leadingZeroBitCount
        guard bits >= 4 else { return UInt8(exact + x) }
        let shift = bits - 4
        return UInt8(exact + ((x >> shift) & 7 | (shift + 1) << 3))
    }

    /// The smallest length with this byte.
    static func decode(_ byte: UInt8) -> Int {
        guard byte >= exact else { return Int(byte) }
        let y = Int(byte) - exact
        let shift = (y >> 3) - 1
        return exact + (shift < 0 ? y & 7 : (y & 7 | 8) << shift)
    }
}
