/// The different triples of neighbouring words of a text, as sorted hashes; a text of one or two words is one shingle.
struct Shingles: Sendable {
    static let words = 3
    let hashes: [UInt32]

    init(_ text: WordHashes) {
        let words = text.words
        guard words.count > Self.words else {
            hashes = text.sequence.map { [UInt32(truncatingIfNeeded: $0 >> 32)] } ?? []
            return
        }
        var found: [UInt32] = []
        found.reserveCapacity(words.count - 2)
        for at in 0..<words.count - 2 {
            var hash = TextHash()
            for word in words[at..<at + Self.words] { hash.add(word) }
            hash.finish()
            found.append(UInt32(truncatingIfNeeded: hash.value >> 32))
        }
        found.sort()
        var distinct: [UInt32] = []
        distinct.reserveCapacity(found.count)
        for hash in found where hash != distinct.last { distinct.append(hash) }
        hashes = distinct
    }

    /// The share of all triples of two texts that both have: Jaccard's index.
    /// - Complexity: O(triples).
    func similarity(_ other: Shingles) -> Double {
        var (here, there, both) = (0, 0, 0)
        while here < hashes.count, there < other.hashes.count {
            let (a, b) = (hashes[here], other.hashes[there])
            if a == b { both += 1 }
            if a <= b { here += 1 }
            if b <= a { there += 1 }
        }
        let all = hashes.count + other.hashes.count - both
        return all == 0 ? 0 : Double(both) / Double(all)
    }
}

/// Ten hashes of 32 bits, each of four minima: texts that share most of their triples share at least one of them.
///
/// Source: Broder, "On the resemblance and containment of documents", 1997; bands as in Leskovec et al., "Mining of Massive
/// Datasets", §3.4. Two texts of similarity s share one with a chance of 1 − (1 − s⁴)¹⁰: .995 at .8, .48 at .5.
struct ShingleSketch: Sendable, Equatable {
    static let bands = 10
    static let rows = 4
    /// One hash for each band; none for a text without words.
    let bands: [UInt32]

    private static let factors: [UInt64] = (0..<UInt64(bands * rows)).map {
        ($0 &* 0x9E37_79B9_7F4A_7C15 &+ 1).mixed | 1
    }

    init(_ shingles: Shingles) {
        guard !shingles.hashes.isEmpty else {
            bands = []
            return
        }
        let factors = Self.factors
        var minima = [UInt32](repeating: .max, count: factors.count)
        for shingle in shingles.hashes {
            let value = UInt64(shingle).mixed
            for row in factors.indices {
                minima[row] = min(minima[row], UInt32(truncatingIfNeeded: (value &* factors[row]) >> 32))
            }
        }
        bands = (0..<Self.bands).map { band in
            var hash = TextHash()
            for row in 0..<Self.rows { hash.add(UInt64(minima[band * Self.rows + row])) }
            hash.finish()
            return UInt32(truncatingIfNeeded: hash.value >> 32)
        }
    }
}
