import ByteStrings
import InvertedIndex

/// How much work queries are: the share of documents that hold a term, summed over the terms of each query.
///
/// Its mean over queries is Σ over terms of P(term in query) × P(term in document).
/// Source: Paria et al., "Minimizing FLOPs to Learn Efficient Sparse Representations", ICLR 2020, eq. 2.
struct QueryFLOPS {
    private let snapshot: IndexSnapshot
    private let documents: Double
    private var shares: [Field: [ByteString: Double]] = [:]
    private(set) var sum = 0.0
    /// Terms of all queries.
    private(set) var terms = 0

    init(in snapshot: IndexSnapshot) {
        self.snapshot = snapshot
        documents = Double(max(1, snapshot.documentCount))
    }

    /// Fields of which there was a term.
    var fields: Set<Field> { Set(shares.keys) }

    /// - Throws: `IndexError`.
    /// - Complexity: O(terms); each term is looked up once.
    mutating func add(_ query: Query) throws {
        for term in query.terms {
            let name = ByteString(term.term)
            let known = shares[query.field]?[name]
            let share =
                try known ?? Double(snapshot.documentFrequency(of: term.term, field: query.field)) / documents
            if known == nil { shares[query.field, default: [:]][name] = share }
            sum += share
            terms += 1
        }
    }
}
