import InvertedIndex

/// One way of answering queries that `apus tune` measures: approximate options, or none.
public struct TuningSetting: Sendable, Hashable, Codable {
    /// ``SearchOptions/queryTerms``.
    public var queryTerms: Int?
    /// ``SearchOptions/ranges``.
    public var ranges: Int?
    /// ``SearchOptions/rangeTerms``.
    public var rangeTerms: Int?

    /// Exact search without options.
    public init(queryTerms: Int? = nil, ranges: Int? = nil, rangeTerms: Int? = nil) {
        self.queryTerms = queryTerms
        self.ranges = ranges
        self.rangeTerms = rangeTerms
    }

    var limits: SearchLimits { SearchLimits(ranges: ranges, boundTerms: rangeTerms) }

    /// As given to `apus search`; empty for exact search.
    public var flags: String {
        [
            queryTerms.map { "--query-terms \($0)" }, ranges.map { "--ranges \($0)" },
            rangeTerms.map { "--range-terms \($0)" },
        ].compactMap { $0 }.joined(separator: " ")
    }

    /// Each option alone, as far as it can change anything; exact search first.
    /// - Parameters:
    ///   - longest: Terms of the longest query.
    ///   - ranges: Ranges of the index.
    static func grid(longest: Int, ranges: Int) -> [TuningSetting] {
        let terms = [4, 6, 8, 10, 12, 16, 20, 24, 32, 48].filter { $0 < longest }
        let budgets = (3...12).map { 1 << $0 }.filter { $0 < ranges }
        return [TuningSetting()] + terms.map { TuningSetting(queryTerms: $0) }
            + budgets.map { TuningSetting(ranges: $0) }
    }

    /// At most this many combinations are tried.
    static let mostCombinations = 15

    /// Combinations around the smallest budget that is good enough alone, in recall and in time. Every saving loses a little, so they try that budget
    /// and up to four times as much: chosen by fewer terms, and with the term cuts that are good enough alone.
    static func combinations(goodEnough: [TuningSetting], longest: Int) -> [TuningSetting] {
        guard let budget = goodEnough.filter({ $0.queryTerms == nil }).compactMap(\.ranges).min() else { return [] }
        let budgets = [budget, 2 * budget, 4 * budget]
        let few = [8, 12, 16].filter { $0 < longest }
        let cuts = goodEnough.filter { $0.ranges == nil }.compactMap(\.queryTerms).sorted().prefix(2)
        return few.flatMap { few in budgets.map { TuningSetting(ranges: $0, rangeTerms: few) } }
            + cuts.flatMap { cut in budgets.map { TuningSetting(queryTerms: cut, ranges: $0) } }
    }
}

extension TraversedQuery {
    /// The query with its light terms cut off, and how many those were.
    /// - Throws: `IndexError`.
    func cut(to limit: Int?, in snapshot: IndexSnapshot) throws -> (query: Self, cutTerms: Int) {
        guard let limit else { return (self, 0) }
        var query = self
        let cut = try query.learnedTerms.keepHeaviest(limit, in: snapshot)
        return (query, cut)
    }

    func search(_ snapshot: IndexSnapshot, k: Int, _ limits: SearchLimits) throws -> SearchResult {
        try search(snapshot, k: k, traversal: .automatic, limits: limits, threads: 1, least: 0)
    }
}
