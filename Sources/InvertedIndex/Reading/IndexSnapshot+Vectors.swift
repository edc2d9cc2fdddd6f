extension IndexSnapshot {
    /// A document's learned vector, or nil when there is no such document.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    /// - Complexity: O(terms of the document) where vectors are stored, else O(terms of the segment × log(blocks)).
    public func vector(of id: String) throws(IndexError) -> [(term: String, weight: Float)]? {
        guard let place = place(of: id) else { return nil }
        return try vectors(of: [place]).first
    }

    /// The learned vectors of documents, terms in their order.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    /// - Complexity: O(terms of the documents) where vectors are stored; else O(terms of the segments × documents × log(blocks)), for
    ///   every list is looked at.
    public func vectors(of documents: [DocumentPlace]) throws(IndexError) -> [[(term: String, weight: Float)]] {
        var vectors = [[(term: String, weight: Float)]](repeating: [], count: documents.count)
        for number in Set(documents.map(\.segment)) {
            let (segment, scale) = (views[number].segment, views[number].scale)
            guard let reader = segment.fields[.learned] else { continue }
            let wanted = documents.indices.filter { documents[$0].segment == number }
            func add(_ term: Int, _ value: UInt32, to place: Int) {
                unsafe vectors[place].append(
                    (String(decoding: reader.termUTF8(term), as: UTF8.self), Float(value) / scale))
            }
            if segment.vectors != nil {
                for place in wanted {
                    for (term, impact) in try segment.vector(of: Int(documents[place].docid)) ?? [] {
                        add(term, UInt32(impact), to: place)
                    }
                }
                continue
            }
            for term in 0..<reader.terms {
                try segment.verify(term: term, of: reader)
                for place in wanted {
                    guard let value = reader.value(ofTerm: term, docid: documents[place].docid) else { continue }
                    add(term, value, to: place)
                }
            }
        }
        return vectors
    }
}
