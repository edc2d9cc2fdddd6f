/// Text that is put together piece by piece: runs of white space become one space, breaks one newline.
struct TextFlow {
    private(set) var bytes: [UInt8] = []
    private var isSpaced = false
    private var isBroken = false

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Begins a new line, unless nothing stands in this one.
    mutating func breakLine() { isBroken = true }

    /// At least a space before what follows.
    mutating func space() { isSpaced = true }

    /// Appends one byte of a text in UTF-8.
    /// - Parameter keepsLines: Whether a newline is one.
    mutating func append(_ byte: UInt8, keepsLines: Bool = false) {
        if Markup.isSpace(byte) {
            if byte == 0x0A, keepsLines { isBroken = true } else { isSpaced = true }
            return
        }
        if !bytes.isEmpty {
            if isBroken { bytes.append(0x0A) } else if isSpaced { bytes.append(0x20) }
        }
        (isSpaced, isBroken) = (false, false)
        bytes.append(byte)
    }

    /// Appends a text in UTF-8.
    mutating func append(_ text: some Sequence<UInt8>, keepsLines: Bool = false) {
        for byte in text { append(byte, keepsLines: keepsLines) }
    }
}
