import Apus
import Hummingbird

/// What a page shows of a query: one ranking, or three beside each other.
struct PageAnswer: Sendable {
    /// A ranking.
    struct Column: Sendable {
        /// Which one.
        let view: PageState.View
        /// Its hits.
        let answer: SearchAnswer
        /// The part of each hit that scored.
        let snippets: [Snippet?]
        /// Places by document, for the links between columns.
        let places: [ByteString: Int]
    }

    /// The query that was answered.
    let query: PageQuery
    /// From left to right.
    let columns: [Column]
    /// The documents.
    let texts: [ByteString: CorpusDocument]
    /// Time from encoding to snippets.
    let seconds: Double

    /// - Throws: `FilterError`, ``ServerError/busy``; as `SearchIndex.search`.
    init(_ state: PageState, _ view: PageState.View, _ index: SearchIndex, _ answering: QueryAnswering) async throws {
        let start = ContinuousClock.now
        let searches = try view.columns.map { (view: $0, options: try state.options($0.mode)) }
        let (text, query) = (state.query, try await PageQuery(state, index, answering))
        var (columns, texts) = ([Column](), [ByteString: CorpusDocument]())
        for (view, options) in searches {
            let vector = query.vector
            let (answer, found, snippets) = try await answering.run(isBegun: query.isBegun) {
                let answer = try answering.search(text, vector: vector, encoded: nil, options, in: index)
                let found = try answering.fetch(answer.documents.map(\.id), in: index)
                return (answer, found, try index.snippets(text, answer, found, options))
            }
            texts.merge(found) { first, _ in first }
            let places = Dictionary(answer.documents.map { (ByteString($0.id), $0.rank) }) { first, _ in first }
            columns.append(Column(view: view, answer: answer, snippets: snippets, places: places))
        }
        (self.query, self.columns, self.texts) = (query, columns, texts)
        seconds = (ContinuousClock.now - start).seconds
    }
}

extension PageState.View {
    /// The rankings that it shows.
    var columns: [PageState.View] { self == .compare ? [.bm25, .splade, .hybrid] : [self] }

    /// The ranking that its scores are explained by.
    var mode: SearchMode {
        switch self {
        case .bm25: .bm25
        case .splade: .splade
        case .hybrid, .compare: .hybrid
        case .fused: .fused
        }
    }

    /// For people.
    var title: String {
        switch self {
        case .bm25: "BM25"
        case .splade: "Learned"
        case .hybrid: "Fused"
        case .fused: "Fused sum"
        case .compare: "Compare"
        }
    }

    /// What it ranks by, for people.
    var meaning: String {
        switch self {
        case .bm25: "the words you typed"
        case .splade: "the terms the encoder reads"
        case .hybrid: "both lists together"
        case .fused: "both scores added"
        case .compare: ""
        }
    }
}
