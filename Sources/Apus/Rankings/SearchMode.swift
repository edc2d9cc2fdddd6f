/// Which ranking answers a query: the name of one, as typed, printed and stored.
public struct SearchMode: RawRepresentable, Sendable, Hashable, Codable, CaseIterable {
    /// The rankings there are; a new one is named here.
    static let rankings: [any Ranking.Type] = [
        BM25Ranking.self, LearnedRanking.self, HybridRanking.self, FusedRanking.self,
    ]

    /// The name.
    public let rawValue: String

    /// The ranking of this name; nil where there is none.
    public init?(rawValue: String) {
        guard Self.rankings.contains(where: { $0.mode.rawValue == rawValue }) else { return nil }
        self.rawValue = rawValue
    }

    init(of ranking: String) { rawValue = ranking }

    /// All of them, BM25 first.
    public static var allCases: [SearchMode] { rankings.map { $0.mode } }

    /// The kind of ranking that has this name.
    var kind: any Ranking.Type { Self.rankings.first { $0.mode == self } ?? BM25Ranking.self }

    /// Whether a query needs learned terms.
    public var needsLearnedTerms: Bool { kind.needsLearnedTerms }
    /// Whether the answer is the exact best of one traversal, so that `apus tune` can measure what approximation costs.
    public var isOneTraversal: Bool { kind.isOneTraversal }

    /// `bm25, splade, hybrid, fused`, with the last comma replaced.
    public static func list(last: String = ", ") -> String {
        let names = allCases.map { $0.rawValue }
        return names.dropLast().joined(separator: ", ") + last + (names.last ?? "")
    }
}

extension SearchOptions {
    /// The ranking of this name with the parameters of these options.
    public func ranking(_ mode: SearchMode) -> any Ranking { mode.kind.init(self) }
}
