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
    /// The fields that the index has.
    public let fields: [FieldStatistics]
}

extension IndexSnapshot {
    /// Learned weights above the largest impact.
    public var clippedWeights: Int { segments.reduce(0) { $0 + $1.entry.clipped } }

    /// Counts terms, postings and bytes.
    /// - Complexity: O(distinct terms).
    public func statistics() -> IndexStatistics {
        let present = Field.allCases.filter { $0 == .text ? commit.hasText : commit.hasLearned }
        let fields = present.map { field in
            let readers = segments.compactMap { $0.fields[field] }
            let postings = readers.reduce(0) { $0 + $1.postingCount }
            var terms = readers.first?.terms ?? 0
            if readers.count > 1 {
                var names = Set<ByteString>()
                for reader in readers {
                    for term in 0..<reader.terms {
                        names.insert(ByteString(String(decoding: reader.termUTF8(term), as: UTF8.self)))
                    }
                }
                terms = names.count
            }
            let words = segments.reduce(0) { $0 + $1.entry.words }
            return IndexStatistics.FieldStatistics(
                field: field, terms: terms, postings: postings, bytes: readers.reduce(0) { $0 + $1.bytes },
                averageLength: Double(field == .text ? words : postings) / Double(max(1, documentCount)),
                clipped: field == .text ? 0 : clippedWeights,
                dropped: field == .text ? 0 : segments.reduce(0) { $0 + $1.entry.dropped })
        }
        return IndexStatistics(bytes: segments.reduce(0) { $0 + $1.entry.bytes }, fields: fields)
    }
}
