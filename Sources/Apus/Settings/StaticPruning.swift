import LearnedEncoder

/// Which of a document's learned terms are indexed: what is left out makes the index smaller and faster, and is lost.
///
/// Every rule keeps a prefix of the terms by falling weight, equal weights by term number; the shortest prefix wins.
/// Source: document by document after Büttcher and Clarke, "A Document-Centric Approach to Static Index Pruning in Text
/// Retrieval Systems", CIKM 2006; the share of the mass after Bruch et al., "Efficient Inverted Indexes for Approximate
/// Retrieval over Learned Sparse Representations", SIGIR 2024.
public struct StaticPruning: Sendable, Equatable {
    /// Keep at most this many terms.
    public var terms: Int?
    /// Keep the heaviest terms until they hold this share of the sum of the weights, 0…1.
    public var mass: Double?
    /// Keep the terms that weigh at least this share of the heaviest one, 0…1.
    public var ratio: Double?

    /// Rules; none by default, which keeps everything.
    public init(terms: Int? = nil, mass: Double? = nil, ratio: Double? = nil) {
        self.terms = terms
        self.mass = mass
        self.ratio = ratio
    }

    /// Whether everything is kept.
    public var isEmpty: Bool { terms == nil && mass == nil && ratio == nil }

    /// The terms that are kept, in the order given, with their weights.
    /// - Complexity: O(n log n) for n terms; O(1) without rules.
    public func callAsFunction(_ terms: [UInt32], _ weights: [Float]) -> (terms: [UInt32], weights: [Float]) {
        guard !isEmpty, !terms.isEmpty else { return (terms, weights) }
        let order = HeaviestFirst.places(weights, terms)
        var count = min(self.terms ?? order.count, order.count)
        if let ratio {
            let least = ratio * Double(weights[order[0]])
            count = order[..<count].firstIndex { Double(weights[$0]) < least } ?? count
        }
        if let mass {
            let wanted = mass * weights.reduce(0) { $0 + Double($1) }
            var sum = 0.0
            for (index, term) in order[..<count].enumerated() {
                if sum >= wanted {
                    count = index
                    break
                }
                sum += Double(weights[term])
            }
        }
        guard count < order.count else { return (terms, weights) }
        let kept = order[..<count].sorted()
        return (kept.map { terms[$0] }, kept.map { weights[$0] })
    }
}

extension StaticPruning {
    /// Reads the rules from a commit's pairs.
    init(metadata: [String: String]) {
        self.init(
            terms: metadata[IndexSettings.Key.documentTerms].flatMap(Int.init),
            mass: metadata[IndexSettings.Key.documentMass].flatMap(Double.init),
            ratio: metadata[IndexSettings.Key.documentRatio].flatMap(Double.init))
    }

    /// As stored in a commit.
    var metadata: [String: String] {
        [
            IndexSettings.Key.documentTerms: terms.map(String.init),
            IndexSettings.Key.documentMass: mass.map { "\($0)" },
            IndexSettings.Key.documentRatio: ratio.map { "\($0)" },
        ].compactMapValues { $0 }
    }
}

extension StaticPruning: CustomStringConvertible {
    /// For people: `the 64 heaviest terms, 0.9 of the mass`, or `all terms`.
    public var description: String {
        let rules = [
            terms.map { "the \($0) heaviest terms" }, mass.map { "\($0) of the mass" },
            ratio.map { "\($0) of the heaviest weight" },
        ].compactMap { $0 }
        return rules.isEmpty ? "all terms" : rules.joined(separator: ", ")
    }
}
