/// Text as it is: `.txt`, and source code on request.
struct PlainText: FileTextReader {
    /// Whether a NUL says that the file is no text. Not where its name says that it is one: scans have such.
    let refusesNUL: Bool

    func read(_ file: FileContent) throws(FileFault) -> FileText {
        if refusesNUL, file.bytes.contains(0), !file.bytes.starts(with: [0xFF, 0xFE]),
            !file.bytes.starts(with: [0xFE, 0xFF])
        {
            throw .binary
        }
        let (text, guess) = try Self.decoded(file)
        return FileText(text: FileText.trimmed(Self.lines(text)), guess: guess)
    }

    /// The letters of a file that is text, whatever else it is.
    static func decoded(_ file: FileContent, declared: String? = nil) throws(FileFault) -> (
        text: String, guess: TextEncoding.Guess?
    ) {
        let isWide = file.bytes.starts(with: [0xFF, 0xFE]) || file.bytes.starts(with: [0xFE, 0xFF])
        if let foreign = ForeignData(file.bytes.prefix(ForeignData.prefix)), !(isWide && foreign.name == "UTF-16 text")
        {
            throw .foreign(found: foreign.name, advice: foreign.advice)
        }
        guard let decoded = TextEncoding.decode(file.bytes[...], declared: declared) else { throw .binary }
        return decoded
    }

    /// What a converter makes of the letters of a file, as UTF-8 with newlines as its lines' ends.
    static func converted(_ file: FileContent, by convert: ([UInt8]) -> FileText) throws(FileFault) -> FileText {
        let (text, guess) = try decoded(file)
        var found = convert(Array(lines(text).utf8))
        found.guess = guess
        return found
    }

    /// With every line's end as a newline.
    static func lines(_ text: String) -> String {
        guard text.utf8.contains(0x0D) else { return text }
        var (lines, previous) = ([UInt8](), UInt8(0))
        lines.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if byte == 0x0A, previous == 0x0D { lines.removeLast() }
            lines.append(byte)
            previous = byte
        }
        if previous == 0x0D { lines.removeLast() }
        return String(decoding: lines, as: UTF8.self)
    }
}
