/// A PDF's words as poppler's `pdftotext` finds them, and its title as `pdfinfo` tells it; else the first line, else the file's name.
struct PDFText: FileTextReader {
    let options: FolderOptions
    private var seconds: Double { options.pdfSeconds }
    /// Bytes of text that a PDF may hold.
    private var limit: Int { options.maximumBytes }

    init(_ options: FolderOptions) { self.options = options }

    func read(_ file: FileContent) throws(FileFault) -> FileText {
        guard file.bytes.prefix(1024).contains(UInt8(ascii: "%")), Self.hasMark(file.bytes.prefix(1024)) else {
            throw .refused("it is no PDF")
        }
        guard let converter = ChildProcess.find("pdftotext", in: options.programs) else { throw .noConverter }
        // An option begins with '-', and a path that does so is none.
        let path = file.path.hasPrefix("/") ? file.path : "./" + file.path
        guard
            let run = ChildProcess.run(
                converter, ["-enc", "UTF-8", "-eol", "unix", path, "-"], seconds: seconds, limit: limit)
        else { throw .refused("pdftotext cannot be started") }
        switch run.end {
        case .exit(0): break
        case .outOfTime: throw .slow(seconds: seconds)
        case .tooMuch: throw .tooLarge(limit: limit)
        case .exit(let code): throw .refused(Self.reason(run.errors, "exit code \(code)", Self.isEncrypted(file.bytes)))
        case .signal(let number): throw .refused("pdftotext was ended by signal \(number)")
        }
        // Pages end with form feeds, which are lines' ends here.
        let text = run.output.map { $0 == 0x0C ? 0x0A : $0 }
        var found = FileText(text: FileText.trimmed(String(decoding: text, as: UTF8.self)))
        found.title = title(path) ?? Self.firstLine(found.text) ?? Self.stem(file.name)
        return found
    }

    private func title(_ path: String) -> String? {
        guard let program = ChildProcess.find("pdfinfo", in: options.programs),
            let run = ChildProcess.run(program, ["-enc", "UTF-8", path], seconds: seconds, limit: 1 << 20),
            run.end == .exit(0),
            let line = run.output.split(separator: 0x0A).first(where: { $0.starts(with: "Title:".utf8) })
        else { return nil }
        let title = FileText.line(String(decoding: line.dropFirst(6), as: UTF8.self))
        // What word processors write when nobody gave one.
        let isNone = title.isEmpty || ["untitled", "(anonymous)", "unspecified"].contains(title.lowercased())
        return isNone ? nil : title
    }

    private static func firstLine(_ text: String) -> String? {
        let line = text.split(separator: "\n", maxSplits: 1).first.map { FileText.line(String($0)) } ?? ""
        return line.isEmpty || line.utf8.count > 200 ? nil : line
    }

    /// The last name of a path without its extension.
    private static func stem(_ path: String) -> String {
        let name = path.split(separator: "/").last.map { String($0) } ?? path
        return name.lowercased().hasSuffix(".pdf") ? String(name.dropLast(4)) : name
    }

    private static func hasMark(_ start: ArraySlice<UInt8>) -> Bool {
        start.indices.contains { start[$0...].starts(with: "%PDF-".utf8) }
    }

    private static func isEncrypted(_ bytes: [UInt8]) -> Bool {
        let name = Array("/Encrypt".utf8)
        return bytes.indices.contains { bytes[$0] == name[0] && bytes[$0...].starts(with: name) }
    }

    /// The converter's own words, where it has any.
    private static func reason(_ errors: [UInt8], _ otherwise: String, _ isEncrypted: Bool) -> String {
        let lines = errors.split(separator: 0x0A).map { FileText.line(String(decoding: $0, as: UTF8.self)) }
        let said = (lines.last { !$0.isEmpty } ?? otherwise).prefix(120)
        return isEncrypted ? "it is encrypted (\(said))" : "pdftotext refuses it (\(said))"
    }
}
