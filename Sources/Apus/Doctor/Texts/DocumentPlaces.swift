/// Where each document stands, by the order of reading: 4 bytes a document of a file, the id of one of an index.
struct DocumentPlaces {
    private var lines: [UInt32] = []
    private var ids: [Int: String] = [:]
    /// Where each file begins among the documents.
    private var files: [(first: Int, path: String)] = []

    var count: Int { lines.count }

    mutating func append(_ text: ExaminedText) {
        if files.last?.path.utf8.elementsEqual(text.path.utf8) != true { files.append((lines.count, text.path)) }
        if text.line == 0 { ids[lines.count] = text.id }
        lines.append(UInt32(clamping: text.line))
    }

    /// `line 12`, with the file where there are several; `document 'x'` for one of an index.
    func name(_ ordinal: Int) -> String {
        if let id = ids[ordinal] { return "document '\(id)'" }
        guard lines.indices.contains(ordinal) else { return "another" }
        let file = files.last { $0.first <= ordinal }
        return "line \(lines[ordinal])" + (files.count > 1 ? " of '\(file?.path ?? "")'" : "")
    }
}
