import JSONScanning

/// JSON put together byte by byte, for lines by the million.
struct JSONBytes {
    var bytes: [UInt8] = []

    mutating func append(_ text: StaticString) {
        // Safe: a literal lives for ever.
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(raw text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func append(quoted text: String) {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }
        guard isPlain else { return append(raw: JSONText.quoted(text)) }
        bytes.append(0x22)
        bytes.append(contentsOf: text.utf8)
        bytes.append(0x22)
    }

    mutating func append(_ number: some BinaryInteger) {
        var (rest, digits) = (UInt64(number), 0)
        let start = bytes.count
        repeat {
            bytes.append(UInt8(0x30 + rest % 10))
            rest /= 10
            digits += 1
        } while rest > 0
        bytes[start...].reverse()
    }

    /// Takes away a last comma.
    mutating func dropComma() { if bytes.last == 0x2C { bytes.removeLast() } }
}
