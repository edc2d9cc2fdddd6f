/// Files of the format put together by hand, byte by byte, so that they can be wrong.
struct CIFFFile {
    /// What a message holds, field by field.
    enum Value {
        case number(Int64)
        case real(Double)
        case bytes([UInt8])
    }

    var bytes: [UInt8] = []

    static func varint(_ number: UInt64) -> [UInt8] {
        var (rest, bytes): (UInt64, [UInt8]) = (number, [])
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func message(_ fields: [(Int, Value)]) -> [UInt8] {
        fields.flatMap { number, value -> [UInt8] in
            switch value {
            case .number(let value): varint(UInt64(number) << 3) + varint(UInt64(bitPattern: value))
            case .real(let value):
                varint(UInt64(number) << 3 | 1)
                    + (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
            case .bytes(let value): varint(UInt64(number) << 3 | 2) + varint(UInt64(value.count)) + value
            }
        }
    }

    mutating func append(_ message: [UInt8]) { bytes += Self.varint(UInt64(message.count)) + message }

    mutating func header(lists: Int, documents: Int, version: Int = 1) {
        append(
            Self.message([
                (1, .number(Int64(version))), (2, .number(Int64(lists))), (3, .number(Int64(documents))),
                (4, .number(Int64(lists))), (5, .number(Int64(documents))), (7, .real(1.5)),
            ]))
    }

    mutating func list(_ term: String, _ postings: [(gap: Int64, tf: Int64)], df: Int64? = nil) {
        let cf = postings.reduce(0) { $0 + $1.tf }
        append(
            Self.message(
                [(1, .bytes(Array(term.utf8))), (2, .number(df ?? Int64(postings.count))), (3, .number(cf))]
                    + postings.map { (4, .bytes(Self.message([(1, .number($0.gap)), (2, .number($0.tf))]))) }))
    }

    mutating func document(_ docid: Int64, _ id: String, length: Int64 = 3) {
        append(Self.message([(1, .number(docid)), (2, .bytes(Array(id.utf8))), (3, .number(length))]))
    }
}
