/// The two ways in which mail carries bytes as ASCII (RFC 2045, 6.7 and 6.8). What is none is passed over or stays.
enum TransferEncoding {
    /// - Complexity: O(bytes).
    static func base64(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var (group, count): (UInt32, Int) = (0, 0)
        for byte in bytes {
            if byte == UInt8(ascii: "=") { break }
            guard let value = value(byte) else { continue }
            group = group << 6 | UInt32(value)
            count += 1
            guard count == 4 else { continue }
            for shift in [16, 8, 0] { decoded.append(UInt8(truncatingIfNeeded: group >> shift)) }
            (group, count) = (0, 0)
        }
        if count == 3 {
            decoded.append(UInt8(truncatingIfNeeded: group >> 10))
            decoded.append(UInt8(truncatingIfNeeded: group >> 2))
        } else if count == 2 {
            decoded.append(UInt8(truncatingIfNeeded: group >> 4))
        }
        return decoded
    }

    /// - Parameter isWord: Whether it is a word of a header, where `_` is a space.
    /// - Complexity: O(bytes).
    static func quotedPrintable(_ bytes: ArraySlice<UInt8>, isWord: Bool = false) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var at = bytes.startIndex
        while at < bytes.endIndex {
            let byte = bytes[at]
            at += 1
            if isWord, byte == UInt8(ascii: "_") {
                decoded.append(0x20)
                continue
            }
            guard byte == UInt8(ascii: "=") else {
                // White space at a line's end is not the sender's.
                if byte == 0x0A, !isWord {
                    let hasReturn = decoded.last == 0x0D
                    if hasReturn { decoded.removeLast() }
                    while let last = decoded.last, last == 0x20 || last == 0x09 { decoded.removeLast() }
                    if hasReturn { decoded.append(0x0D) }
                }
                decoded.append(byte)
                continue
            }
            if at + 1 < bytes.endIndex, let high = digit(bytes[at]), let low = digit(bytes[at + 1]) {
                decoded.append(high << 4 | low)
                at += 2
                continue
            }
            // A line that goes on in the next.
            var end = at
            while end < bytes.endIndex, bytes[end] == 0x20 || bytes[end] == 0x09 || bytes[end] == 0x0D { end += 1 }
            if end < bytes.endIndex, bytes[end] == 0x0A { at = end + 1 } else { decoded.append(byte) }
        }
        return decoded
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
