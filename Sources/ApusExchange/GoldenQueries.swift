import Apus
import ByteStrings
import CorpusFormats
import InvertedIndex

/// Queries whose answers a receiver can be held against: weights of 1…255, so that every sum is a whole number that single precision
/// holds, and the best documents by the numbers that were exported, found by adding up lists.
struct GoldenQueries {
    /// One query, as `golden.jsonl` holds it.
    struct Query: Codable, Equatable {
        struct Hit: Codable, Equatable {
            var id: String
            var score: UInt64
        }

        var id: String
        /// Terms and weights, heaviest first.
        var terms: [Term]
        /// The best documents: scores descending, ties by id descending.
        var hits: [Hit]

        struct Term: Codable, Equatable {
            var term: String
            var weight: UInt32
        }
    }

    /// How many.
    static let count = 20
    /// Documents of each answer.
    static let depth = 10
    /// Terms of a query that is made of a document.
    private static let terms = 12

    private(set) var queries: [Query] = []
    private let source: ExportSource

    /// Queries made of documents at even distances: their heaviest terms.
    /// - Throws: `IndexError`.
    init(of source: ExportSource) throws {
        self.source = source
        let views = source.index.snapshot.views
        for number in 0..<Self.count where source.count > 0 {
            let wanted = source.count * (2 * number + 1) / (2 * Self.count)
            guard let (view, docid) = Self.place(of: wanted, views) else { continue }
            let vectors = try ForwardVectors(source.index.snapshot, view: view, docids: docid..<docid + 1)
            let table = source.scales.tables[view]
            let terms = zip(vectors.terms, vectors.impacts).map { term, impact in
                Query.Term(
                    term: source.vocabulary.terms[Int(source.vocabulary.numbers[view][Int(term)])],
                    weight: table[Int(impact)])
            }
            guard !terms.isEmpty else { continue }
            try append("golden-\(number + 1)", Array(Self.heaviestFirst(terms).prefix(Self.terms)))
        }
    }

    /// Queries that somebody brought, weighted as a search of the index weights them.
    /// - Throws: `IndexError`.
    init(_ topics: [(id: String, query: InvertedIndex.Query)], of source: ExportSource) throws {
        self.source = source
        let known = Set(source.vocabulary.terms.map { ByteString($0) })
        for (id, query) in topics.prefix(Self.count) {
            let weights = try source.index.snapshot.effectiveWeights(of: query)
            let largest = weights.max() ?? 1
            guard largest > 0 else { continue }
            let terms = zip(query.terms, weights).compactMap { term, weight -> Query.Term? in
                guard weight > 0, known.contains(ByteString(term.term)) else { return nil }
                return Query.Term(term: term.term, weight: UInt32(max(1, (weight / largest * 255).rounded())))
            }
            try append(id, Self.heaviestFirst(terms))
        }
    }

    private static func heaviestFirst(_ terms: [Query.Term]) -> [Query.Term] {
        terms.sorted { $0.weight != $1.weight ? $0.weight > $1.weight : ByteString($0.term) < ByteString($1.term) }
    }

    /// The segment and docid of a row.
    private static func place(of row: Int, _ views: [SegmentView]) -> (view: Int, docid: Int)? {
        var before = 0
        for (number, view) in views.enumerated() {
            guard row < before + view.count else {
                before += view.count
                continue
            }
            var left = row - before
            for docid in 0..<view.segment.documents where view.documents?.contains(UInt32(docid)) ?? true {
                if left == 0 { return (number, docid) }
                left -= 1
            }
        }
        return nil
    }

    private mutating func append(_ id: String, _ terms: [Query.Term]) throws {
        var best: [Query.Hit] = []
        for (number, view) in source.index.snapshot.views.enumerated() {
            let sums = try source.index.snapshot.impactSums(
                terms.map { ($0.term, $0.weight) }, inView: number, impacts: source.scales.tables[number])
            // A score below the last of the best is none of them.
            var least: UInt64 = 1
            for (docid, sum) in sums.enumerated()
            where sum >= least && view.documents?.contains(UInt32(docid)) ?? true {
                best.append(Query.Hit(id: view.segment.externalID(UInt32(docid)), score: sum))
                guard best.count >= 64 * Self.depth else { continue }
                best = Self.first(best)
                least = best.last?.score ?? 1
            }
            best = Self.first(best)
        }
        queries.append(Query(id: id, terms: terms, hits: best))
    }

    private static func first(_ hits: [Query.Hit]) -> [Query.Hit] {
        Array(
            hits.sorted { $0.score != $1.score ? $0.score > $1.score : ByteString($1.id) < ByteString($0.id) }
                .prefix(depth))
    }

    /// The queries as JSON lines.
    func lines() throws -> String {
        try queries.map { try AnswerJSON.text($0, pretty: false) + "\n" }.joined()
    }
}
