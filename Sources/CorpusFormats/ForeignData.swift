/// Data that no reader here understands, told by their first bytes, so that the error can name them.
struct ForeignData {
    /// What it is, as in "is a zip archive".
    let name: String
    /// What to do about it.
    let advice: String

    /// How many bytes are looked at: a tar archive says what it is at byte 257.
    static let prefix = 512

    private static let signatures: [(at: Int, bytes: [UInt8], name: String, advice: String)] = {
        let (unpack, export) = ("Unpack it first.", "Export it as JSON lines first.")
        func text(_ text: String) -> [UInt8] { Array(text.utf8) }
        return [
            (0, [0x50, 0x4B, 0x03, 0x04], "a zip archive", unpack),
            (0, [0x50, 0x4B, 0x05, 0x06], "an empty zip archive", "Check the file."),
            (0, [0x28, 0xB5, 0x2F, 0xFD], "zstd data inside compressed data", "Unpack it once first."),
            (0, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz data", "Unpack it with 'xz -d' first."),
            (4, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59], "bzip2 data", "Unpack it with 'bzip2 -d' first."),
            (0, [0x04, 0x22, 0x4D, 0x18], "lz4 data", "Unpack it with 'lz4 -d' first."),
            (0, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive", unpack),
            (0, text("Rar!\u{1A}\u{7}"), "a rar archive", unpack),
            (0, [0x1F, 0x8B], "gzip data inside gzip data", "Unpack it once with 'gzip -d' first."),
            (0, [0x1F, 0x9D], "data of 'compress'", "Unpack it with 'gzip -d' first."),
            (257, text("ustar"), "a tar archive", "Unpack it with 'tar -xf' first, and give the folder."),
            (0, text("PAR1") + [0x15], "a parquet file", export),
            (0, text("ARROW1\0\0"), "an Arrow file", export),
            (0, text("Obj\u{1}"), "an Avro file", export),
            (0, [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], "an HDF5 file", export),
            (0, [0x93] + text("NUMPY"), "a NumPy file", export),
            (0, text("SQLite format 3\0"), "an SQLite database", export),
            (0, text("%PDF-"), "a PDF", "Convert it to text, for example with 'pdftotext'."),
            (0, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "an old Office file", "Convert it to text first."),
            (0, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "a PNG image", "Give texts."),
            (0, [0xFF, 0xD8, 0xFF], "a JPEG image", "Give texts."),
            (0, [0x7F, 0x45, 0x4C, 0x46], "a program", "Give texts."),
            (0, [0xFF, 0xFE, 0, 0], "UTF-32 text", "Convert it with 'iconv -f utf-32 -t utf-8'."),
            (0, [0, 0, 0xFE, 0xFF], "UTF-32 text", "Convert it with 'iconv -f utf-32 -t utf-8'."),
            (0, [0xFF, 0xFE], "UTF-16 text", "Convert it with 'iconv -f utf-16 -t utf-8'."),
            (0, [0xFE, 0xFF], "UTF-16 text", "Convert it with 'iconv -f utf-16 -t utf-8'."),
        ]
    }()

    /// Looks at the start of some data; nil when it may be text.
    init?(_ start: ArraySlice<UInt8>) {
        for signature in Self.signatures where start.dropFirst(signature.at).starts(with: signature.bytes) {
            if signature.name == "bzip2 data", !start.starts(with: Array("BZh".utf8)) { continue }
            (name, advice) = (signature.name, signature.advice)
            return
        }
        // ASCII in UTF-16 without a mark is UTF-8 with a NUL behind (or before) each letter.
        let pairs = start.prefix(Self.prefix)
        guard pairs.count >= 8 else { return nil }
        for (high, ending) in [(1, "le"), (0, "be")] {
            let isWide = pairs.indices.dropLast(pairs.count % 2).allSatisfy {
                (pairs[$0] == 0) == (($0 - pairs.startIndex) % 2 == high)
            }
            if isWide {
                (name, advice) = ("UTF-16 text", "Convert it with 'iconv -f utf-16\(ending) -t utf-8'.")
                return
            }
        }
        return nil
    }
}
