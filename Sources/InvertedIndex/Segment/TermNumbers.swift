/// Numbers for terms in the order in which they first come: a hash table over their bytes, which lie in one array.
///
/// Open addressing with linear probing; no text is made of a term to look it up.
struct TermNumbers {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// The hash of each term, so that growing and probing read no bytes.
    private var hashes: [UInt32] = []
    /// Number + 1 in each slot; 0 where it is free.
    private var slots = [UInt32](repeating: 0, count: 1024)
    /// Differs from table to table, so that nobody can choose terms that collide.
    private let seed = UInt64.random(in: 0 ... .max)

    /// How many terms there are.
    var count: Int { ends.count }

    /// The bytes of a term.
    func utf8(_ number: Int) -> ArraySlice<UInt8> { bytes[(number == 0 ? 0 : ends[number - 1])..<ends[number]] }

    /// The number of a term, a new one when it comes for the first time.
    /// - Complexity: O(bytes of the term).
    mutating func number(of term: UnsafeBufferPointer<UInt8>) -> Int {
        let hash = hash(term)
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if hashes[number] == hash, utf8(number).elementsEqual(term) { return number }
            slot = (slot + 1) & (slots.count - 1)
        }
        bytes.append(contentsOf: term)
        ends.append(bytes.count)
        hashes.append(hash)
        slots[slot] = UInt32(ends.count)
        if ends.count * 2 > slots.count { grow() }
        return ends.count - 1
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 4)
        for (number, hash) in hashes.enumerated() {
            var slot = Int(hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(number + 1)
        }
    }

    /// Eight bytes at a time, multiplied and folded.
    private func hash(_ term: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let raw = UnsafeRawBufferPointer(term)
        var state = seed ^ UInt64(truncatingIfNeeded: term.count)
        var place = 0
        while place + 8 <= raw.count {
            state = Self.mix(state ^ raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var rest: UInt64 = 0
        while place < raw.count {
            rest = rest << 8 | UInt64(raw[place])
            place += 1
        }
        return UInt32(truncatingIfNeeded: Self.mix(state ^ rest))
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
