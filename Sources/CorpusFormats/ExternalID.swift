/// Ids are opaque, but they must fit into the columns of a run file.
enum ExternalID {
    /// The members of a JSON object that may be its id; where it has several, the first of the list counts.
    ///
    /// A passage's own id stands before that of its page, as in MS MARCO V2 (`{"pid", "passage", "docid"}`).
    static let memberNames = ["_id", "id", "docno", "pid", "docid", "doc_id"]

    /// Returns `id` when it is not empty and holds no white space and no control character.
    static func checked(
        _ id: String, _ what: String, path: String, line: Int
    ) throws(FormatError) -> String {
        let isPlain = id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        if id.isEmpty || !isPlain && id.unicodeScalars.contains(where: isForbidden) {
            throw .badID(path: path, line: line, what: what, id: id)
        }
        return id
    }

    static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar.value < 0x20 || scalar.value == 0x7F
    }

    /// A file's path as an id: what an id cannot hold is percent-encoded.
    ///
    /// A `%` that two hexadecimal digits follow becomes `%25`, so that two paths never get one id ("a b" is "a%20b", and
    /// "a%20b" is "a%2520b"); any other `%` stays.
    static func encoded(path: String) -> String {
        if path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "%") }) { return path }
        var id = ""
        let bytes = Array(path.utf8)
        var index = 0
        for scalar in path.unicodeScalars {
            let length = UTF8.width(scalar)
            let isEscape =
                scalar == "%" && index + 2 < bytes.count && isHexadecimal(bytes[index + 1])
                && isHexadecimal(bytes[index + 2])
            if isEscape || isForbidden(scalar) {
                for byte in bytes[index..<index + length] {
                    id += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
                }
            } else {
                id.unicodeScalars.append(scalar)
            }
            index += length
        }
        return id
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
