import JSONScanning

/// Turns what a file holds into a title and a text.
protocol FileTextReader: Sendable {
    /// - Throws: ``FileFault`` when the file gives no document.
    func read(_ file: FileContent) throws(FileFault) -> FileText
}

/// What a file says to an index.
struct FileText {
    /// Empty where the file has none.
    var title = ""
    var text = ""
    /// What its letters were taken for, when the file did not say it and they are not UTF-8.
    var guess: TextEncoding.Guess?
    /// Further members of the metadata, as JSON.
    var members: [(name: String, json: String)] = []
}

extension FileText {
    /// Blank lines at both ends are no part of a text.
    static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isNewline($0) }),
            let last = scalars.lastIndex(where: { !isNewline($0) })
        else { return "" }
        return String(scalars[first...last])
    }

    /// One line, with runs of white space made one space.
    static func line(_ text: String) -> String {
        text.unicodeScalars.split { $0.properties.isWhitespace }.map { String($0) }.joined(separator: " ")
    }

    private static func isNewline(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}
