import ByteStrings

/// How two rankings become one.
///
///     let words = [(id: "a", score: 9.0), (id: "b", score: 5.0)]
///     let learned = [(id: "b", score: 30.0), (id: "c", score: 20.0)]
///     let best = Fusion.reciprocalRank(k: Fusion.usualConstant).fuse(bm25: words, learned: learned, k: 10)
///     print(best.map(\.id))
///     // ["b", "a", "c"]
public enum Fusion: Sendable, Equatable {
    /// Reciprocal rank fusion: the sum over lists of 1 / (k + rank), ranks from 1.
    ///
    /// Source: Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion outperforms Condorcet…", SIGIR 2009.
    case reciprocalRank(k: Double)
    /// `weight` × learned + (1 − `weight`) × BM25, each list's scores scaled to 0…1 by its own minimum and maximum.
    ///
    /// A document that a list does not hold gets 0 from it. A list whose scores are all equal gives each of them 1.
    /// Source: Bruch, Gai, Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023, eq. 1 and 2.
    case minMax(weight: Double)

    /// The constant of the paper.
    public static let usualConstant = 60.0

    /// As printed and as part of a run tag.
    public var name: String {
        switch self {
        case .reciprocalRank(let k): "rrf(k=\(k.formatted))"
        case .minMax(let weight): "minmax(w=\(weight.formatted))"
        }
    }
}

/// One document's place in one list.
public struct Placement: Sendable, Equatable, Codable {
    /// From 1.
    public var rank: Int
    /// The list's own score.
    public var score: Double

    /// A place in a list.
    public init(rank: Int, score: Double) {
        self.rank = rank
        self.score = score
    }
}

extension Fusion {
    /// The `k` best documents of two rankings, by score descending, then id descending, each with what either list said of it.
    /// - Complexity: O(n log n) for n documents in either list.
    public func fuse(bm25: [(id: String, score: Double)], learned: [(id: String, score: Double)], k: Int)
        -> [RankedDocument]
    {
        var hits: [RankedDocument] = []
        hits.reserveCapacity(bm25.count + learned.count)
        for (index, entry) in bm25.enumerated() {
            hits.append(
                RankedDocument(rank: 0, id: entry.id, score: 0, bm25: Placement(rank: index + 1, score: entry.score)))
        }
        let places = Dictionary(bm25.enumerated().map { (ByteString($1.id), $0) }) { first, _ in first }
        for (index, entry) in learned.enumerated() {
            let placement = Placement(rank: index + 1, score: entry.score)
            if let place = places[ByteString(entry.id)] {
                hits[place].learned = placement
            } else {
                hits.append(RankedDocument(rank: 0, id: entry.id, score: 0, learned: placement))
            }
        }
        let (bm25Range, learnedRange) = (Self.range(bm25), Self.range(learned))
        for index in hits.indices {
            let hit = hits[index]
            let parts =
                switch self {
                case .reciprocalRank(let k):
                    ScoreParts(
                        bm25: hit.bm25.map { 1 / (k + Double($0.rank)) } ?? 0,
                        learned: hit.learned.map { 1 / (k + Double($0.rank)) } ?? 0)
                case .minMax(let weight):
                    ScoreParts(
                        bm25: (1 - weight) * Self.normalise(hit.bm25, bm25Range),
                        learned: weight * Self.normalise(hit.learned, learnedRange))
                }
            hits[index].score = parts.bm25 + parts.learned
            hits[index].parts = parts
        }
        let scores = hits.map(\.score)
        let order = hits.indices.sorted { a, b in
            scores[a] != scores[b] ? scores[a] > scores[b] : ByteString(hits[a].id) > ByteString(hits[b].id)
        }
        return order.prefix(k).enumerated().map { place, index in
            hits[index].rank = place + 1
            return hits[index]
        }
    }

    private static func range(_ list: [(id: String, score: Double)]) -> ClosedRange<Double>? {
        guard let low = list.map(\.score).min(), let high = list.map(\.score).max() else { return nil }
        return low...high
    }

    private static func normalise(_ placement: Placement?, _ range: ClosedRange<Double>?) -> Double {
        guard let placement, let range else { return 0 }
        guard range.upperBound > range.lowerBound else { return 1 }
        return (placement.score - range.lowerBound) / (range.upperBound - range.lowerBound)
    }
}

extension Double {
    /// Without a trailing `.0`.
    var formatted: String { self == rounded() && magnitude < 1e9 ? "\(Int(self))" : "\(self)" }
}
