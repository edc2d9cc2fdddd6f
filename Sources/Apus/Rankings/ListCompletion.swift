import ByteStrings
import InvertedIndex
import RetrievalEvaluation

/// The scores of documents that the other list found, computed from the index: no depth is in the fused score.
struct ListCompletion {
    /// By list: 0 BM25, 1 learned.
    private var scores: [[ByteString: Double]] = [[:], [:]]

    /// - Parameter others: Documents that neither list may hold.
    /// - Throws: `IndexError`.
    init(
        _ snapshot: IndexSnapshot, words: (Query, [Hit]), learned: (Query, [Hit]), others: [(ByteString, DocumentPlace)]
    ) throws {
        let lists = [words, learned]
        for list in lists.indices {
            let held = Set(lists[list].1.map(\.place))
            var wanted = Dictionary(others.map { ($0.1, $0.0) }) { first, _ in first }
            for hit in lists[1 - list].1 { wanted[hit.place] = ByteString(hit.id) }
            let missing = wanted.filter { !held.contains($0.key) }
            let places = Array(missing.keys)
            for (place, score) in zip(places, try snapshot.scores(lists[list].0, of: places)) {
                if let id = missing[place] { scores[list][id] = score }
            }
        }
    }

    /// The score of a document that a list does not hold; nil for runs from elsewhere.
    func callAsFunction(_ list: Int, _ document: ByteString) -> Double? {
        list < scores.count ? scores[list][document] : nil
    }
}
