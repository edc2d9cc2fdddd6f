public import InvertedIndex

/// One way of making and fusing the two lists of a hybrid query.
public struct FusionChoice: Sendable, Equatable, Codable {
    /// What makes scores comparable: ``Fusion/Convex``.
    public var scores: String
    /// The learned list's weight.
    public var weight: Double
    /// BM25's saturation.
    public var k1: Float
    /// BM25's length normalisation.
    public var b: Float
    /// The power of idf in learned queries.
    public var idfPower: Double

    init(scores: Fusion.Convex, weight: Double, bm25: BM25Parameters, idfPower: Double) {
        self.scores = scores.rawValue
        self.weight = weight
        (k1, b) = (bm25.k1, bm25.b)
        self.idfPower = idfPower
    }

    /// BM25's parameters.
    public var bm25: BM25Parameters { BM25Parameters(k1: k1, b: b) }
    /// The fusion.
    public var fusion: Fusion { .convex(Fusion.Convex(rawValue: scores) ?? .minmax, weight: weight) }

    /// As given to `apus search`.
    public var flags: String {
        "--fusion \(scores) --weight \(weight.formatted) --k1 \(k1) --b \(b) --idf-power \(idfPower.formatted)"
    }
}
