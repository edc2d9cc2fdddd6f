import RetrievalEvaluation

/// Tells whether the ids of a ranking are all different, as they nearly always are, faster than a dictionary does.
///
/// A table of hashes is kept from ranking to ranking. Where two ids have one hash the answer is "perhaps not": the caller then looks closely.
struct DistinctTexts {
    /// Hash → the ranking in which it was seen, and the hash; places are tried one after the other.
    private var slots: [UInt64] = []
    private var stamp: UInt64 = 0

    /// - Returns: False where an id stands there twice, or where two have the same hash.
    mutating func areDistinct(_ documents: [ScoredDocument]) -> Bool {
        if slots.count < documents.count * 2 {
            var size = 1024
            while size < documents.count * 2 { size *= 2 }
            slots = [UInt64](repeating: 0, count: size)
            stamp = 0
        }
        // The low 20 bits say which ranking wrote a slot; the table is emptied before they are used up.
        stamp += 1
        if stamp == 1 << 20 {
            for index in slots.indices { slots[index] = 0 }
            stamp = 1
        }
        let mask = slots.count - 1
        for document in documents {
            let hash = DistinctTexts.hash(document.id)
            let entry = hash & ~0xF_FFFF | stamp
            var place = Int(truncatingIfNeeded: hash >> 20) & mask
            while slots[place] & 0xF_FFFF == stamp {
                if slots[place] == entry { return false }
                place = (place + 1) & mask
            }
            slots[place] = entry
        }
        return true
    }

    /// Eight bytes at a time, mixed by multiplication (the finaliser of SplitMix64).
    private static func hash(_ text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { bytes in
            var state = UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15
            var (word, count): (UInt64, Int) = (0, 0)
            for index in 0..<bytes.count {
                // Safe: the index is one of the buffer's, which lives as long as the call.
                word = unsafe word << 8 | UInt64(bytes[index])
                count += 1
                if count == 8 {
                    state = mix(state ^ word)
                    (word, count) = (0, 0)
                }
            }
            return mix(state ^ word &+ UInt64(count))
        }
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
