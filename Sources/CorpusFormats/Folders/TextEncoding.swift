import Glibc

/// Finds out what the bytes of a text mean: by their mark, by what the file says of itself, as UTF-8, and at last as Windows-1252.
enum TextEncoding {
    /// What bytes were taken for that are neither UTF-8 nor anything that the file says.
    enum Guess: String, CaseIterable {
        case windows = "Windows-1252"
        case damaged = "UTF-8 with damaged letters"
    }

    /// Decodes bytes.
    ///
    /// - Parameter declared: The name of the encoding that the file gives itself, as it stands there.
    /// - Returns: nil for what is no text: a NUL in bytes that are not UTF-8 either.
    /// - Complexity: O(bytes).
    static func decode(_ bytes: ArraySlice<UInt8>, declared: String? = nil) -> (text: String, guess: Guess?)? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return utf8(bytes.dropFirst(3)) }
        if bytes.starts(with: [0xFF, 0xFE]) { return (wide(bytes.dropFirst(2), isBigEndian: false), nil) }
        if bytes.starts(with: [0xFE, 0xFF]) { return (wide(bytes.dropFirst(2), isBigEndian: true), nil) }
        if let declared = declared.map(canonical), !declared.isEmpty, declared != "utf-8" {
            if declared == "windows-1252" { return (windows(bytes), nil) }
            if let text = converted(bytes, from: declared) { return (text, nil) }
        }
        return utf8(bytes)
    }

    private static func utf8(_ bytes: ArraySlice<UInt8>) -> (text: String, guess: Guess?)? {
        if let text = String(validating: bytes, as: UTF8.self) { return (text, nil) }
        if bytes.contains(0) { return nil }
        // A text that is UTF-8 but for a few bytes is one that was damaged, by being cut or joined.
        let text = String(decoding: bytes, as: UTF8.self)
        var (sound, broken) = (0, 0)
        for scalar in text.unicodeScalars where scalar.value >= 0x80 {
            if scalar == "\u{FFFD}" { broken += 1 } else { sound += 1 }
        }
        return sound > broken ? (text, .damaged) : (windows(bytes), .windows)
    }

    private static func windows(_ bytes: ArraySlice<UInt8>) -> String {
        var text = ""
        text.reserveCapacity(bytes.count)
        for byte in bytes {
            let code = byte &- 0x80 < 0x20 ? CharacterReference.windows[Int(byte) - 0x80] : UInt16(byte)
            text.unicodeScalars.append(Unicode.Scalar(code) ?? "\u{FFFD}")
        }
        return text
    }

    private static func wide(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> String {
        let pairs = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2)
        let units = pairs.map { at in
            let (first, second) = (UInt16(bytes[at]), UInt16(bytes[at + 1]))
            return isBigEndian ? first << 8 | second : second << 8 | first
        }
        return String(decoding: units, as: UTF16.self)
    }

    /// Names that mean more than they say, as browsers and mail programs take them.
    private static func canonical(_ name: String) -> String {
        let name = name.lowercased().filter { !$0.isWhitespace }
        return switch name {
        case "utf8", "utf-8", "unicode-1-1-utf-8": "utf-8"
        case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "us-ascii", "ascii", "ansi_x3.4-1968",
            "cp1252",
            "windows-1252":
            "windows-1252"
        case "gb2312", "gb_2312-80", "gbk", "x-gbk": "gb18030"
        case "shift_jis", "shift-jis", "sjis", "x-sjis": "cp932"
        case "ks_c_5601-1987", "euc-kr": "cp949"
        case "iso-8859-9", "latin5": "cp1254"
        case "iso-8859-8-i": "iso-8859-8"
        // Who can read this in a file's own words is not reading UTF-16.
        case "utf-16", "utf-16le", "utf-16be", "unicode": "utf-8"
        default: name
        }
    }

    /// The text as the system's iconv understands it, with U+FFFD for what it does not; nil when it does not know the encoding.
    private static func converted(_ bytes: ArraySlice<UInt8>, from name: String) -> String? {
        guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else { return nil }
        // Safe: both names are NUL-terminated strings that outlive the call.
        guard let converter = unsafe iconv_open("UTF-8", name),
            Int(bitPattern: converter) != -1
        else { return nil }
        defer { unsafe iconv_close(converter) }
        var input = Array(bytes).map { CChar(bitPattern: $0) }
        var room = [CChar](repeating: 0, count: 1 << 14)
        var made: [UInt8] = []
        var at = 0
        // Safe: iconv reads and writes inside the counts that it is given, and both buffers live for the call.
        while at < input.count {
            let (taken, written, code): (Int, Int, Int32) = unsafe input.withUnsafeMutableBufferPointer { input in
                unsafe room.withUnsafeMutableBufferPointer { room in
                    var source = unsafe input.baseAddress.map { unsafe $0 + at }
                    var (left, free) = (input.count - at, room.count)
                    var target = room.baseAddress
                    let result = unsafe iconv(converter, &source, &left, &target, &free)
                    return (input.count - at - left, room.count - free, result == Int.max || result == -1 ? errno : 0)
                }
            }
            made.append(contentsOf: room[..<written].map { UInt8(bitPattern: $0) })
            at += taken
            if code == EILSEQ || code == EINVAL {
                made.append(contentsOf: UTF8.encodedReplacementCharacter)
                at += 1
            } else if code != E2BIG, taken == 0 {
                break
            }
        }
        return String(decoding: made, as: UTF8.self)
    }
}
