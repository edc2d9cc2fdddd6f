/// One document's place in one list.
public struct Placement: Sendable, Equatable, Codable {
    /// From 1; nil where the list does not hold the document, and its score was computed.
    public var rank: Int?
    /// The list's own score.
    public var score: Double

    /// A place in a list.
    public init(rank: Int?, score: Double) {
        self.rank = rank
        self.score = score
    }
}

/// What a run from elsewhere says of a document.
public struct RunPlacement: Sendable, Equatable, Codable {
    /// The run's name.
    public var run: String
    /// From 1.
    public var rank: Int
    /// The run's own score.
    public var score: Double
    /// What it adds to the fused score.
    public var share: Double
}
