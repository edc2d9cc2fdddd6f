/// Texts that share at least four fifths of their word triples with another, but not all their bytes.
///
/// Two readings: sketches say which pairs may be near duplicates, and of those the texts are read again and compared. Memory: 44
/// bytes a text for the sketches, and 4 bytes a word for at most ``compared`` texts.
struct NearDuplicateCheck {
    /// Jaccard's index of the word triples from which on two texts are near duplicates.
    static let threshold = 0.8
    /// Texts that are compared at most.
    static let compared = 200_000
    private static let mostPairs = 2_000_000

    private var ordinals: [UInt32] = []
    private var bands = [[UInt32]](repeating: [], count: ShingleSketch.bands)

    mutating func visit(_ text: ExaminedText) {
        let sketch = text.facts.sketch
        guard !sketch.bands.isEmpty else { return }
        ordinals.append(UInt32(clamping: text.ordinal))
        for band in bands.indices { bands[band].append(sketch.bands[band]) }
    }

    /// What is to be read again.
    struct Candidates {
        /// Pairs of ordinals, the smaller first.
        var pairs: [(Int, Int)] = []
        /// The texts in them.
        var texts: Set<Int> = []
        /// Pairs that are not compared because there are too many.
        var leftOut = 0
    }

    /// Pairs that share a band: each text of a band with the first and with the one before it.
    /// - Complexity: O(n log n) time, 8 bytes a text.
    func candidates() -> Candidates {
        var pairs: Set<UInt64> = []
        var leftOut = 0
        func add(_ first: UInt64, _ second: UInt64) {
            let pair = first << 32 | second & 0xFFFF_FFFF
            if pairs.count < Self.mostPairs { pairs.insert(pair) } else if !pairs.contains(pair) { leftOut += 1 }
        }
        for band in bands {
            let sorted = zip(band, ordinals).map { UInt64($0) << 32 | UInt64($1) }.sorted()
            var first = 0
            for place in sorted.indices {
                if sorted[place] >> 32 != sorted[first] >> 32 { first = place }
                if place > first { add(sorted[first], sorted[place]) }
                if place > first + 1 { add(sorted[place - 1], sorted[place]) }
            }
        }
        var candidates = Candidates(leftOut: leftOut)
        for pair in pairs.sorted() {
            let (first, second) = (Int(pair >> 32), Int(pair & 0xFFFF_FFFF))
            let fresh = [first, second].count { !candidates.texts.contains($0) }
            guard candidates.texts.count + fresh <= Self.compared else {
                candidates.leftOut += 1
                continue
            }
            candidates.texts.insert(first)
            candidates.texts.insert(second)
            candidates.pairs.append((first, second))
        }
        return candidates
    }

    /// Compares the candidates' texts.
    /// - Parameter texts: The shingles and the ids of the candidates, by ordinal.
    func findings(
        _ candidates: Candidates, _ texts: [Int: (shingles: Shingles, id: String, line: Int)],
        of subject: TextSubject, in path: String, _ places: DocumentPlaces
    ) -> [DoctorReport.Finding] {
        var groups = DisjointSets()
        var cases: [(first: Int, second: Int, similarity: Double)] = []
        for (first, second) in candidates.pairs {
            guard let one = texts[first], let other = texts[second] else { continue }
            let similarity = one.shingles.similarity(other.shingles)
            guard similarity >= Self.threshold else { continue }
            if groups.join(first, second) { cases.append((first, second, similarity)) }
        }
        guard !cases.isEmpty else { return [] }
        let examples = cases.prefix(Tally.kept).map { pair in
            DoctorReport.Example(
                line: texts[pair.second]?.line, id: texts[pair.second]?.id,
                "\(Figures.share(Int((pair.similarity * 1000).rounded()), of: 1000)) as "
                    + "\(places.name(pair.first)) ('\(texts[pair.first]?.id ?? "")')")
        }
        var summary =
            "\(subject.counted(cases.count)) \(cases.count == 1 ? "is a near duplicate" : "are near duplicates") of others "
            + "(at least 80 % of their word triples are common), in \(Figures.counted(groups.count, "group", "groups"))"
        if candidates.leftOut > 0 {
            summary += "; \(Figures.counted(candidates.leftOut, "more pair was", "more pairs were")) not compared"
        }
        return [
            DoctorReport.Finding(
                severity: .note, check: "near-duplicates", path: path, summary: summary + ".", count: cases.count,
                examples: Array(examples),
                fix: subject == .documents
                    ? "Where they say the same, judge them alike or keep one." : "Where they ask the same, keep one.")
        ]
    }
}

/// Groups of numbers that were joined.
struct DisjointSets {
    private var parents: [Int: Int] = [:]
    /// Groups of more than one.
    private(set) var count = 0

    /// Joins two groups.
    /// - Returns: False where the numbers are in one already.
    mutating func join(_ first: Int, _ second: Int) -> Bool {
        let fresh = [first, second].count { parents[$0] == nil }
        let (a, b) = (root(first), root(second))
        if a == b { return false }
        parents[max(a, b)] = min(a, b)
        // Two single numbers make a group; two groups become one.
        count += fresh == 2 ? 1 : fresh == 1 ? 0 : -1
        return true
    }

    private mutating func root(_ number: Int) -> Int {
        var root = number
        while let parent = parents[root], parent != root { root = parent }
        var at = number
        while let parent = parents[at], parent != root { (parents[at], at) = (root, parent) }
        parents[number] = root
        return root
    }
}
