/// Reads one code point of valid UTF-8.
enum UTF8Scalar {
    @inline(__always)
    static func decode(_ text: UnsafeBufferPointer<UInt8>, at offset: Int) -> (codePoint: UInt32, length: Int) {
        let first = unsafe UInt32(text[offset])
        if first < 0x80 { return (first, 1) }
        let second = unsafe UInt32(text[offset + 1] & 0x3F)
        if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
        let third = unsafe UInt32(text[offset + 2] & 0x3F)
        if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
        return unsafe ((first & 0x07) << 18 | second << 12 | third << 6 | UInt32(text[offset + 3] & 0x3F), 4)
    }

    /// Writes one code point and returns the number of bytes.
    @inline(__always)
    static func encode(_ codePoint: UInt32, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
        func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | codePoint >> shift & 0x3F) }
        switch codePoint {
        case 0..<0x80:
            unsafe bytes[0] = UInt8(codePoint)
            return 1
        case 0x80..<0x800:
            unsafe bytes[0] = UInt8(0xC0 | codePoint >> 6)
            unsafe bytes[1] = tail(0)
            return 2
        case 0x800..<0x10000:
            unsafe bytes[0] = UInt8(0xE0 | codePoint >> 12)
            unsafe bytes[1] = tail(6)
            unsafe bytes[2] = tail(0)
            return 3
        default:
            unsafe bytes[0] = UInt8(0xF0 | codePoint >> 18)
            unsafe bytes[1] = tail(12)
            unsafe bytes[2] = tail(6)
            unsafe bytes[3] = tail(0)
            return 4
        }
    }
}
