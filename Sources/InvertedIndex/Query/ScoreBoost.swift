import Foundation

/// Documents whose scores are multiplied.
public struct DocumentBoost: Sendable {
    /// The documents of each segment, in the order of a snapshot's views.
    public let documents: [DocumentSet]
    /// Finite and above 0.
    public let factor: Double

    /// A boost of the documents in `documents`.
    public init(documents: [DocumentSet], factor: Double) {
        precondition(factor > 0 && factor.isFinite, "a factor is finite and above 0")
        (self.documents, self.factor) = (documents, factor)
    }
}

/// Multiplies the scores of one query where a document enters the top k: the one place where boosted scores are rounded.
///
/// A boosted score is `score × Π factors × 2^shift`, rounded to a whole number. The shift depends on the query and the factors alone:
/// up to 8 more bits, or fewer where the largest score would not fit. Traversals bound scores without factors, so a score that k
/// documents reach counts for them as the least one that the largest product could lift there, and a score that k documents are
/// promised to reach without factors as what the smallest product leaves of it.
final class ScoreBoost: Sendable {
    private let boosts: [DocumentBoost]
    private let power: Double
    private let largest: Double
    private let smallest: Double
    /// Score units in one unit of boosted scores.
    let scale: Double

    init(_ boosts: [DocumentBoost], _ query: PreparedQuery) {
        self.boosts = boosts
        var (largest, smallest) = (1.0, 1.0)
        for boost in boosts {
            if boost.factor > 1 { largest *= boost.factor } else { smallest *= boost.factor }
        }
        let most = query.terms.reduce(1) { $0 + RangeBounds.largestShare($1.scorer) }
        let shift = min(8, floor(log2(4_294_967_040 / (most * min(largest, 1e100)))))
        power = exp2(shift)
        scale = exp2(-shift)
        self.largest = power * largest
        self.smallest = power * smallest
    }

    /// The boosted score of a document; the same for every traversal.
    func callAsFunction(_ score: UInt32, segment: Int, docid: UInt32) -> UInt32 {
        Self.product(score, power * factor(segment: segment, docid: docid))
    }

    /// The product of the factors of a document.
    func factor(segment: Int, docid: UInt32) -> Double {
        boosts.reduce(1) { $1.documents[segment].contains(docid) ? $0 * $1.factor : $0 }
    }

    /// What no document with this score exceeds.
    func most(_ score: UInt32) -> UInt32 { Self.product(score, largest) }

    /// What every document with this score reaches.
    func least(_ score: UInt32) -> UInt32 { Self.product(score, smallest) }

    /// The least score without factors that may reach a boosted one.
    func floor(of boosted: UInt32) -> UInt32 {
        var score = UInt32(max(1, min((Double(boosted) / largest).rounded(.down) - 1, 4_294_967_294)))
        while most(score) < boosted, score < .max { score += 1 }
        return score
    }

    /// Whatever matches scores at least 1.
    private static func product(_ score: UInt32, _ factor: Double) -> UInt32 {
        score == 0 ? 0 : UInt32(max(1, min((Double(score) * factor).rounded(), 4_294_967_295)))
    }
}

extension IndexSnapshot {
    /// The same commit with the scores of some documents multiplied, in every ranking; where a document has several boosts, by all of
    /// their factors.
    public func boosted(by boosts: [DocumentBoost]) -> IndexSnapshot {
        precondition(boosts.allSatisfy { $0.documents.count == views.count }, "one set for each segment")
        return IndexSnapshot(self, views: views, collection: global.collection, boosts: self.boosts + boosts)
    }
}
