/// What a search may spend. With limits the range traversal runs, whatever was asked for, and the answer may miss hits; its
/// ``Certificate`` tells whether it does.
///
/// Source: ranges visited by decreasing bound until time is up, after Mackenzie, Petri, Moffat, "Anytime Ranking on
/// Document-Ordered Indexes", TOIS 2022.
public struct SearchLimits: Sendable, Equatable {
    /// Score at most this many ranges of 32 documents over all segments, those with the best bounds; nil for all that can
    /// hold a hit.
    public var ranges: Int?
    /// Bound ranges by only the query's terms with the largest possible shares, this many: bounds cost less and choose worse.
    /// Documents are scored with every term. nil bounds by all.
    public var boundTerms: Int?
    /// From this moment on no further ranges are scored. Bounds come first and are computed for whole segments.
    public var deadline: ContinuousClock.Instant?

    /// Limits; none by default.
    public init(ranges: Int? = nil, boundTerms: Int? = nil, deadline: ContinuousClock.Instant? = nil) {
        self.ranges = ranges
        self.boundTerms = boundTerms
        self.deadline = deadline
    }

    /// Whether nothing is limited.
    public var isEmpty: Bool { ranges == nil && boundTerms == nil && deadline == nil }

    /// Whether the deadline has passed.
    var isLate: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }
}
