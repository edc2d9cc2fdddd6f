import Foundation

/// Text and Markdown files as documents: the id is the path inside the folder, the title of a Markdown file its first `#` heading.
///
/// White space in a path is percent-encoded in the id, because a run file cannot hold it.
final class TextFolder: DocumentSource {
    private(set) var path: String
    private(set) var bytesRead = 0
    private let folder: String
    private var waiting: ArraySlice<String>

    init(path: String, files: [String]) {
        self.path = path
        folder = path.isEmpty || path.hasSuffix("/") ? path : path + "/"
        waiting = files[...]
    }

    func next() throws(FormatError) -> CorpusDocument? {
        guard let file = waiting.popFirst() else { return nil }
        path = file
        let lines = try LineReader(path: file)
        var (title, text) = ("", "")
        var isStart = file.lowercased().hasSuffix(".md")
        while let line = try lines.next() {
            let string = lines.string(line)
            if isStart, !lines.isBlank(line) {
                isStart = false
                if string.hasPrefix("# ") {
                    title = string.dropFirst(2).trimmingCharacters(in: .whitespaces)
                    continue
                }
            }
            text += string
            text += "\n"
            guard text.utf8.count < LineReader.limit else {
                throw .documentTooLong(path: file, line: 1, limit: LineReader.limit)
            }
        }
        bytesRead += lines.bytesRead
        let name = file.hasPrefix(folder) ? String(file.dropFirst(folder.count)) : file
        let id = name.unicodeScalars.reduce(into: "") { id, scalar in
            if ExternalID.isForbidden(scalar) {
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    id += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
                }
            } else {
                id.unicodeScalars.append(scalar)
            }
        }
        return CorpusDocument(id: id, title: title, text: text.trimmingCharacters(in: .newlines), line: 1)
    }
}
