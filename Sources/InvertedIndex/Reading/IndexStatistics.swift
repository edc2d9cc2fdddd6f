import ByteStrings

/// What an index is made of.
public struct IndexStatistics: Sendable, Equatable {
    /// One field over all segments.
    public struct FieldStatistics: Sendable, Equatable {
        /// Which.
        public let field: Field
        /// Distinct terms.
        public let terms: Int
        /// Postings.
        public let postings: Int
        /// Bytes of postings, bounds and dictionary.
        public let bytes: Int
        /// Words (text) or terms (learned) per document.
        public let averageLength: Double
        /// Learned weights above the largest impact.
        public let clipped: Int
        /// Learned weights below half a quantum.
        public let dropped: Int
    }

    /// Bytes of all segments.
    public let bytes: Int
    /// Bytes of learned vectors that are stored as such.
    public let vectorBytes: Int
    /// Passages of documents that are several, deleted ones included, and the bytes of their vectors.
    public let passages: Int
    /// As above.
    public let passageBytes: Int
    /// The fields that the index has.
    public let fields: [FieldStatistics]
}

extension IndexSnapshot {
    /// Learned weights above the largest impact.
    public var clippedWeights: Int { segments.reduce(0) { $0 + $1.entry.clipped } }

    /// Learned weights below half a quantum, which were left out.
    public var droppedWeights: Int { segments.reduce(0) { $0 + $1.entry.dropped } }

    /// Counts terms, postings and bytes; terms and postings of the live documents.
    /// - Throws: ``IndexError/corrupt(path:detail:)``, where documents are deleted.
    /// - Complexity: O(distinct terms), and O(postings) of segments with deleted documents.
    public func statistics() throws(IndexError) -> IndexStatistics {
        var fields: [IndexStatistics.FieldStatistics] = []
        for field in Field.allCases where field == .text ? commit.hasText : commit.hasLearned {
            let readers = segments.compactMap { $0.fields[field] }
            let (terms, postings) = try counts(of: field)
            let words = views.reduce(0) { $0 + $1.liveWords }
            let documents = views.reduce(0) { $0 + $1.liveDocuments }
            fields.append(
                IndexStatistics.FieldStatistics(
                    field: field, terms: terms, postings: postings, bytes: readers.reduce(0) { $0 + $1.bytes },
                    averageLength: Double(field == .text ? words : postings) / Double(max(1, documents)),
                    clipped: field == .text ? 0 : clippedWeights,
                    dropped: field == .text ? 0 : segments.reduce(0) { $0 + $1.entry.dropped }))
        }
        return IndexStatistics(
            bytes: segments.reduce(0) { $0 + $1.entry.bytes },
            vectorBytes: segments.reduce(0) { $0 + ($1.vectors?.byteCount ?? 0) },
            passages: segments.reduce(0) { $0 + ($1.passages?.count ?? 0) },
            passageBytes: segments.reduce(0) { $0 + ($1.passages?.byteCount ?? 0) }, fields: fields)
    }

    private func counts(of field: Field) throws(IndexError) -> (terms: Int, postings: Int) {
        let parts = views.compactMap { view in view.segment.fields[field].map { (view, $0) } }
        let isLone = parts.count == 1
        if isLone, let (view, reader) = parts.first, view.liveDocuments == view.segment.documents {
            return (reader.terms, reader.postingCount)
        }
        var names = Set<ByteString>()
        var (terms, postings) = (0, 0)
        for (view, reader) in parts {
            for term in 0..<reader.terms {
                let documents = try LiveFrequencies.documents(ofTerm: term, of: reader, in: view)
                postings += documents
                guard documents > 0 else { continue }
                terms += 1
                if !isLone { unsafe names.insert(ByteString(String(decoding: reader.termUTF8(term), as: UTF8.self))) }
            }
        }
        return (isLone ? terms : names.count, postings)
    }
}
