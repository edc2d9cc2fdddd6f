/// A set of words of at most 16 bytes: an open hash table of packed words.
struct StopWords: Sendable {
    /// Bytes of the longest word.
    let maximumLength: Int
    /// Twice as many halves as places, 0 for a free one.
    private let table: [UInt64]
    private let shift: UInt64

    /// - Parameter words: Separated by blanks; longer ones are left out.
    init(_ words: String) {
        let words = words.split(separator: " ").filter { $0.utf8.count <= 16 }
        maximumLength = words.reduce(0) { max($0, $1.utf8.count) }
        var bits: UInt64 = 4
        while 1 << bits < 4 * words.count { bits += 1 }
        shift = 64 - bits
        var table = [UInt64](repeating: 0, count: 2 << bits)
        for word in words {
            let bytes = Array(word.utf8)
            var (low, high): (UInt64, UInt64) = (0, 0)
            for byte in bytes.prefix(8).reversed() { low = low << 8 | UInt64(byte) }
            for byte in bytes.dropFirst(8).reversed() { high = high << 8 | UInt64(byte) }
            var place = Self.slot(low, high, shift)
            while table[2 * place] != 0 { place = (place + 1) & ((1 << Int(bits)) - 1) }
            table[2 * place] = low
            table[2 * place + 1] = high
        }
        self.table = table
    }

    @inline(__always)
    private static func slot(_ low: UInt64, _ high: UInt64, _ shift: UInt64) -> Int {
        Int(truncatingIfNeeded: ((low ^ high &* 0xFF51_AFD7_ED55_8CCD) &* 0x9E37_79B9_7F4A_7C15) &>> shift)
    }

    /// Whether the `count` bytes at `word` are one of them.
    @inline(__always)
    func contains(_ word: UnsafePointer<UInt8>, count: Int) -> Bool {
        guard count <= maximumLength, count > 0 else { return false }
        var (low, high): (UInt64, UInt64) = (0, 0)
        var index = count
        while index > 8 {
            index -= 1
            high = unsafe high << 8 | UInt64(word[index])
        }
        while index > 0 {
            index -= 1
            low = unsafe low << 8 | UInt64(word[index])
        }
        return unsafe table.withUnsafeBufferPointer { table in
            let last = table.count / 2 - 1
            var place = Self.slot(low, high, shift)
            while unsafe table[2 * place] != 0 {
                if unsafe table[2 * place] == low, unsafe table[2 * place + 1] == high { return true }
                place = (place + 1) & last
            }
            return false
        }
    }
}
