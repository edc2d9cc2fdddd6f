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

/// The factors of documents.
///
/// Traversals bound scores without factors. A score that documents must reach with them is for a traversal the least one that the
/// largest product can lift there; a score that k documents are promised to reach without them is with them what the smallest
/// product leaves of it. ``ScoreUnits`` rounds, in one place.
struct ScoreBoost: Sendable {
    private let boosts: [DocumentBoost]
    /// No document's factor is larger.
    let largest: Double
    /// No document's factor is smaller.
    let smallest: Double

    /// - Parameter boosts: At least one.
    init(_ boosts: [DocumentBoost]) {
        self.boosts = boosts
        // In the order in which a document's factors are multiplied: rounding never turns products round.
        largest = boosts.reduce(1) { $0 * max(1, $1.factor) }
        smallest = boosts.reduce(1) { $0 * min(1, $1.factor) }
    }

    /// The product of the factors of a document.
    func factor(segment: Int, docid: UInt32) -> Double {
        boosts.reduce(1) { $1.documents[segment].contains(docid) ? $0 * $1.factor : $0 }
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
