import Glibc

/// Numbers for terms, or for ids, in the order in which they first come: a hash table over their bytes, which lie in one array.
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
    /// Bytes of all terms.
    var byteCount: Int { bytes.count }

    /// Calls `body` with what gives the bytes of a term.
    func withTerms<T>(_ body: ((Int) -> UnsafeBufferPointer<UInt8>) throws -> T) rethrows -> T {
        try unsafe bytes.withUnsafeBufferPointer { bytes in
            try unsafe ends.withUnsafeBufferPointer { ends in
                try unsafe body { unsafe UnsafeBufferPointer(rebasing: bytes[($0 == 0 ? 0 : ends[$0 - 1])..<ends[$0]]) }
            }
        }
    }

    /// The number of a term, or nil.
    /// - Complexity: O(bytes of the term).
    func find(_ term: UnsafeBufferPointer<UInt8>) -> Int? {
        let slot = unsafe slot(of: term, hash(term))
        return slots[slot] == 0 ? nil : Int(slots[slot]) - 1
    }

    /// The number of a term, a new one when it comes for the first time.
    /// - Complexity: O(bytes of the term).
    mutating func number(of term: UnsafeBufferPointer<UInt8>) -> Int {
        let hash = unsafe hash(term)
        let slot = unsafe slot(of: term, hash)
        if slots[slot] != 0 { return Int(slots[slot]) - 1 }
        unsafe append(term)
        return ends.count - 1
    }

    /// Gives a term a new number, whether it has one already or not; the new one is found from now on.
    mutating func append(_ term: UnsafeBufferPointer<UInt8>) {
        let hash = unsafe hash(term)
        let slot = unsafe slot(of: term, hash)
        unsafe bytes.append(contentsOf: term)
        ends.append(bytes.count)
        hashes.append(hash)
        slots[slot] = UInt32(ends.count)
        if ends.count * 2 > slots.count { grow() }
    }

    /// Where a term stands, or the free slot where it belongs.
    private func slot(of term: UnsafeBufferPointer<UInt8>, _ hash: UInt32) -> Int {
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if hashes[number] == hash, unsafe isTerm(number, term) { return slot }
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private func isTerm(_ number: Int, _ term: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = number == 0 ? 0 : ends[number - 1]
        guard ends[number] - start == term.count, let wanted = term.baseAddress else {
            return ends[number] == start && term.isEmpty
        }
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe bytes.baseAddress.map { unsafe memcmp($0 + start, wanted, term.count) == 0 } ?? false
        }
    }

    private mutating func grow() {
        let found = slots
        slots = [UInt32](repeating: 0, count: found.count * 2)
        for number in found where number != 0 {
            var slot = Int(hashes[Int(number) - 1]) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = number
        }
    }

    /// The numbers by the bytes of their terms.
    /// - Complexity: O(n log n); most comparisons are of eight bytes at once.
    func ascending() -> [UInt32] {
        unsafe withTerms { term in
            var keys = (0..<count).map { unsafe (prefix: Self.prefix(term($0)), number: UInt32($0)) }
            keys.sort { a, b in
                if a.prefix != b.prefix { return a.prefix < b.prefix }
                let (first, second) = unsafe (term(Int(a.number)), term(Int(b.number)))
                return unsafe first.lexicographicallyPrecedes(second)
                    || first.elementsEqual(second) && a.number < b.number
            }
            return keys.map(\.number)
        }
    }

    /// The first eight bytes, in their order.
    static func prefix(_ term: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var key: UInt64 = 0
        for index in 0..<8 { key = unsafe key << 8 | (index < term.count ? UInt64(term[index]) : 0) }
        return key
    }

    /// Eight bytes at a time, multiplied and folded.
    private func hash(_ term: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let raw = UnsafeRawBufferPointer(term)
        var state = seed ^ UInt64(truncatingIfNeeded: term.count)
        var place = 0
        while place + 8 <= raw.count {
            state = unsafe Self.mix(state ^ raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var rest: UInt64 = 0
        while place < raw.count {
            rest = unsafe rest << 8 | UInt64(raw[place])
            place += 1
        }
        return UInt32(truncatingIfNeeded: Self.mix(state ^ rest))
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
