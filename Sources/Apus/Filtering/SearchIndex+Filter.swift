public import InvertedIndex

extension SearchIndex {
    /// The documents of each segment that count and that a filter lets through, in the order of the snapshot's views.
    ///
    /// The first time a filter meets a segment its texts are compared with their checksum, and its filterable fields are looked up
    /// or its documents read; after that the answer is at hand.
    /// - Throws: `IndexError`.
    public func documents(matching filter: Filter) throws -> [DocumentSet] {
        zip(try filters.sets(filter, documents), snapshot.views).map { found, view in
            view.documents.map { found.intersection($0) } ?? found
        }
    }

    /// The ids of the documents that a filter lets through, segment by segment.
    /// - Throws: `IndexError`.
    public func ids(matching filter: Filter) throws -> [String] {
        zip(try documents(matching: filter), snapshot.views).flatMap { set, view in
            (0..<UInt32(view.segment.documents)).filter(set.contains).map(view.segment.externalID)
        }
    }

    /// How many documents a filter lets through.
    /// - Throws: `IndexError`.
    public func count(matching filter: Filter) throws -> Int {
        try documents(matching: filter).reduce(0) { $0 + $1.count }
    }

    /// What a search with these options sees: the documents that the filter lets through, with their boosts.
    /// - Throws: `IndexError`.
    func searched(_ options: SearchOptions) throws -> IndexSnapshot {
        let boosted = try boosted(options)
        guard let filter = options.filter else { return boosted }
        return boosted.restricted(to: try documents(matching: filter))
    }
}

extension SearchOptions {
    /// Which documents count and which are boosted, for people.
    var documentSummary: [String] {
        (filter.map { ["only documents with \($0)"] } ?? [])
            + boosts.map { "\($0.factor.formatted) times the score of those with \($0.filter)" }
    }
}
