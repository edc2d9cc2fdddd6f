/// The analysis of a text that is all ASCII, by tables and without ICU.
///
/// It gives exactly the terms of ``WordTokenizer`` and ``TermWriter``; tests compare the two.
enum ASCIIWords {
    private static let letter: UInt8 = 1
    private static let digit: UInt8 = 2
    private static let connector: UInt8 = 4
    /// Joins two letters.
    private static let midLetter: UInt8 = 8
    /// Joins two digits.
    private static let midNumeric: UInt8 = 16

    private static let classes: [UInt8] = (0..<256).map { byte in
        switch UInt8(byte) {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): letter
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit
        case UInt8(ascii: "_"): connector
        case UInt8(ascii: ":"): midLetter
        case UInt8(ascii: ","), UInt8(ascii: ";"): midNumeric
        case UInt8(ascii: "."), UInt8(ascii: "'"): midLetter | midNumeric
        default: 0
        }
    }

    /// Whether no byte has its high bit set.
    static func isASCII(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(text)
        var offset = 0
        var high: UInt64 = 0
        while offset + 32 <= raw.count {
            unsafe high |= raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            unsafe high |= raw.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
            unsafe high |= raw.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self)
            unsafe high |= raw.loadUnaligned(fromByteOffset: offset + 24, as: UInt64.self)
            if high & 0x8080_8080_8080_8080 != 0 { return false }
            offset += 32
        }
        while offset < raw.count {
            if unsafe raw[offset] >= 0x80 { return false }
            offset += 1
        }
        return true
    }

    /// Writes the terms of the `count` bytes at `text` to `room` and returns the bytes used.
    static func analyze(
        _ text: UnsafePointer<UInt8>, count: Int, as language: some Language, room: UnsafeMutablePointer<UInt8>,
        offset: Int32,
        ends: inout [Int32]
    ) -> Int {
        unsafe classes.withUnsafeBufferPointer { classes in
            var used = 0
            var position = 0
            while position < count {
                let start = position
                if unsafe classes[Int(text[start])] & (letter | digit | connector) == 0 {
                    position += 1
                    continue
                }
                position = unsafe wordEnd(
                    text, from: start, limit: min(count, start + WordTokenizer.maximumLength), classes)
                if position == start {
                    // Connectors alone are no word.
                    position += 1
                    continue
                }
                let term = unsafe room + used
                var length = position - start
                for index in 0..<length {
                    let byte = unsafe text[start + index]
                    // Letters of ASCII differ from their lower case in one bit; of what else a word holds, only
                    // the connector lacks that bit.
                    unsafe term[index] = byte &- 0x41 < 26 ? byte | 0x20 : byte
                }
                length = unsafe language.finish(term, length, isASCII: true)
                guard length > 0 else { continue }
                used += length
                ends.append(offset + Int32(used))
            }
            return used
        }
    }

    /// Where the word that starts at `start` ends, or `start` when there is only a run of connectors.
    @inline(__always)
    private static func wordEnd(
        _ text: UnsafePointer<UInt8>, from start: Int, limit: Int, _ classes: UnsafeBufferPointer<UInt8>
    ) -> Int {
        var position = start
        var last: UInt8 = 0
        var hasCore = false
        while position < limit {
            let current = unsafe classes[Int(text[position])]
            if current & (letter | digit | connector) != 0 {
                if current != connector { hasCore = true }
                last = current
                position += 1
                continue
            }
            // A mark joins two letters or two digits.
            let wanted = current & midLetter != 0 && last == letter ? letter : 0
            let other = current & midNumeric != 0 && last == digit ? digit : 0
            guard wanted | other != 0, position + 1 < limit,
                unsafe classes[Int(text[position + 1])] & (wanted | other) != 0
            else { break }
            position += 1
        }
        return hasCore ? position : start
    }
}
