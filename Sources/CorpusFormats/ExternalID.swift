/// Ids are opaque, but they must fit into the columns of a run file.
enum ExternalID {
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
}
