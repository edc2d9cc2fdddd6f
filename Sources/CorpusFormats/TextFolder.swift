/// Text and Markdown files as documents: the id is the path inside the folder, the title of a Markdown file its first `#` heading.
///
/// What an id cannot hold is percent-encoded in it, see ``ExternalID/encoded(path:)``.
final class TextFolder: DocumentSource {
    private(set) var path: String
    private(set) var bytesRead = 0
    private let folder: String
    private var waiting: ArraySlice<String>

    /// - Parameters:
    ///   - folder: What stands before each name, with its slash.
    ///   - names: Paths inside the folder.
    init(folder: String, names: [String]) {
        path = folder
        self.folder = folder
        waiting = names[...]
    }

    func next() throws(FormatError) -> CorpusDocument? {
        guard let name = waiting.popFirst() else { return nil }
        path = folder + name
        let lines = try LineReader(path: path)
        var (title, text) = ("", "")
        var isStart = name.lowercased().hasSuffix(".md")
        while let line = try lines.next() {
            if isStart, !lines.isBlank(line) {
                isStart = false
                if lines.buffer[line].starts(with: "# ".utf8) {
                    title = Self.trimmed(lines.string(line.dropFirst(2)))
                    continue
                }
            }
            if text.isEmpty {
                // Empty lines at the start are no part of the text.
                let scalars = lines.string(line).unicodeScalars.drop(while: Self.isNewline)
                if scalars.isEmpty { continue }
                text += String(scalars)
            } else {
                text += lines.string(line)
            }
            text += "\n"
            guard text.utf8.count < LineReader.limit else {
                throw .documentTooLong(path: path, line: 1, limit: LineReader.limit)
            }
        }
        while let last = text.unicodeScalars.last, Self.isNewline(last) { text.unicodeScalars.removeLast() }
        bytesRead += lines.bytesRead
        return CorpusDocument(id: ExternalID.encoded(path: name), title: title, text: text, line: 1)
    }

    private static func isNewline(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    private static func trimmed(_ text: String) -> String {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(scalars)
    }
}
