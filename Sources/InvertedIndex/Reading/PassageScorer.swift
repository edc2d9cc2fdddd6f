/// Scores documents by their best passage: the words of the whole document, and the learned terms of that passage which has the largest
/// sum of them, the first of equal ones.
///
/// Of a document that is one passage that is its score in the lists.
struct PassageScorer {
    /// The learned terms of the query that a view has: their numbers there, ascending, and their integer weights.
    private struct Terms {
        var numbers: [Int] = []
        var weights: [UInt32] = []
        /// Their places in the query.
        var places: [Int] = []
    }

    /// What a document's passages say.
    struct Best {
        /// Σ of the learned terms' shares in the best passage.
        var learned: UInt32
        /// The same of the largest impacts of all passages, which is the document's in the lists.
        var bound: UInt32
        /// The number of the passage, from 0, among the document's.
        var passage: Int
        /// How many it has.
        var count: Int
    }

    private let views: [SegmentView]
    private let query: PreparedQuery
    private var terms: [Terms?]
    private var largest: [UInt8] = []
    /// Passages that were scored.
    private(set) var scored = 0

    init(_ views: [SegmentView], _ query: PreparedQuery) {
        (self.views, self.query) = (views, query)
        terms = views.map { _ in nil }
    }

    private mutating func terms(in view: Int) -> Terms {
        if let known = terms[view] { return known }
        var found: [(number: Int, weight: UInt32, place: Int)] = []
        for (place, term) in query.terms.enumerated() {
            let scorer = term.scorer(in: view)
            guard scorer.field == .learned, let number = term.numbers[view] else { continue }
            found.append((number, scorer.weight, place))
        }
        found.sort { $0.number < $1.number }
        let made = Terms(
            numbers: found.map(\.number), weights: found.map(\.weight), places: found.map(\.place))
        terms[view] = made
        return made
    }

    /// The best passage of a document; nil where it is one passage.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    /// - Complexity: O(terms of its passages).
    mutating func best(_ docid: UInt32, in view: Int) throws(IndexError) -> Best? {
        let segment = views[view].segment
        guard let passages = segment.passages else { return nil }
        let range = try segment.verifiedPassages(of: Int(docid))
        guard !range.isEmpty else { return nil }
        let terms = terms(in: view)
        largest.removeAll(keepingCapacity: true)
        largest.append(contentsOf: repeatElement(0, count: terms.numbers.count))
        var best = Best(learned: 0, bound: 0, passage: 0, count: range.count)
        for passage in range {
            let sum = passages.sum(of: passage, terms: terms.numbers, weights: terms.weights) { place, impact in
                if impact > largest[place] { largest[place] = impact }
            }
            guard let sum else { throw segment.noPassage(Int(docid)) }
            if sum > best.learned { (best.learned, best.passage) = (sum, passage - range.lowerBound) }
        }
        for place in largest.indices { best.bound &+= terms.weights[place] &* UInt32(largest[place]) }
        scored += range.count
        return best
    }

    /// The impacts that a document's best passage gives the query's learned terms, by place in the query; nil where the document is one
    /// passage.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    mutating func impacts(_ docid: UInt32, in view: Int) throws(IndexError) -> [Int: UInt32]? {
        guard let best = try best(docid, in: view), let passages = views[view].segment.passages else { return nil }
        let terms = terms(in: view)
        var impacts: [Int: UInt32] = [:]
        _ = passages.sum(
            of: passages.passages(of: Int(docid)).lowerBound + best.passage, terms: terms.numbers,
            weights: terms.weights
        ) { impacts[terms.places[$0]] = UInt32($1) }
        return impacts
    }

    /// Where the best passage of a document lies; nil where the document is one passage, and where none holds a learned term of the query.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    mutating func place(_ docid: UInt32, in view: Int) throws(IndexError) -> PassagePlace? {
        guard let best = try best(docid, in: view), best.learned > 0, let passages = views[view].segment.passages else {
            return nil
        }
        return PassagePlace(
            number: best.passage + 1, count: best.count,
            bytes: passages.place(of: passages.passages(of: Int(docid)).lowerBound + best.passage))
    }
}

/// Which passage of a document scored.
public struct PassagePlace: Sendable, Equatable {
    /// From 1.
    public let number: Int
    /// How many passages the document has.
    public let count: Int
    /// Where it lies in the document's text, in bytes of UTF-8; nil where that is not known.
    public let bytes: Range<Int>?
}
