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

    /// The passage of a document that its learned score is of; nil where it is one passage, or none scored.
    func bestPassage(_ query: Query, _ id: String) throws -> ScoredPassage? {
        guard !query.terms.isEmpty, let place = snapshot.place(of: id) else { return nil }
        return try snapshot.bestPassages(query, of: [place])[0].map { ScoredPassage($0) }
    }

    /// The passages of a document with their texts, as its vectors were made of them; the whole of a document that is one passage.
    ///
    /// A passage has no text where its place in the document is not known.
    /// - Parameter document: As ``DocumentStore/documents(_:)`` gives it.
    /// - Throws: `IndexError`.
    public func passages(of document: CorpusDocument) throws -> [ScoredPassage] {
        let content = document.content
        var places: [Range<Int>?] = []
        if let (segment, docid) = snapshot.find(document.id) { places = segment.passagePlaces(of: docid) ?? [] }
        if places.isEmpty { places = [0..<content.utf8.count] }
        return places.enumerated().map { place, bytes in
            ScoredPassage(number: place + 1, of: places.count, bytes: bytes).with(content)
        }
    }
}
