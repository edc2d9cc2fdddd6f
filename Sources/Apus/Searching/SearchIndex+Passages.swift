import ByteStrings
import InvertedIndex

extension SearchIndex {
    /// Answers longer than this name the passages of those documents alone that a traversal of learned terms found.
    private static let mostLookedUp = 100

    /// The documents of a list with the passage of each that scored, where documents have passages.
    /// - Parameter query: The learned terms, for documents that only the other list of a hybrid answer holds.
    /// - Throws: `IndexError`.
    func withPassages(_ list: RankedList, _ query: Query) throws -> [RankedDocument] {
        var documents = list.documents
        guard snapshot.hasPassages, !query.terms.isEmpty else { return documents }
        var found: [ByteString: PassagePlace?] = [:]
        for search in list.searches where search.field != .text {
            // What shards found elsewhere has no place here.
            for hit in search.hits where hit.segment >= 0 { found[ByteString(hit.id)] = .some(hit.passage) }
        }
        var rest: [(rank: Int, place: DocumentPlace)] = []
        for rank in documents.indices {
            let id = ByteString(documents[rank].id)
            if let known = found[id] {
                documents[rank].passage = known.map { ScoredPassage($0) }
            } else if documents.count <= Self.mostLookedUp, let place = snapshot.place(of: documents[rank].id) {
                rest.append((rank, place))
            }
        }
        for (document, passage) in zip(rest, try snapshot.bestPassages(query, of: rest.map(\.place))) {
            documents[document.rank].passage = passage.map { ScoredPassage($0) }
        }
        return documents
    }

    /// Which passage of a document its learned score is of, for people; nil where it is one passage.
    func passageNote(_ query: Query, _ id: String) throws -> String? {
        guard !query.terms.isEmpty, let place = snapshot.place(of: id),
            let passage = try snapshot.bestPassages(query, of: [place])[0]
        else { return nil }
        return "The learned score is that of passage \(passage.number) of \(passage.count), the best one"
            + (passage.bytes.map { " (bytes \($0.lowerBound) to \($0.upperBound))" } ?? "")
            + "; what other passages hold is not in it."
    }
}
