public import ByteStrings
public import CorpusFormats
public import InvertedIndex

/// Learned queries that some encoder computed before.
public struct QueryVectors: Sendable {
    /// The queries as topics, in the order of the file; their texts are the vectors' contents.
    public var topics: [Topic]
    /// Weighted terms by topic id.
    public var terms: [ByteString: [QueryTerm]]

    /// Reads `{"id", "contents"?, "vector": {term: weight}}` on each line, or what else `VectorReader` reads.
    /// - Parameters vocabulary, ids: As there.
    /// - Throws: `FormatError` with file and line; also for an id that stands there twice, and for a file without a vector.
    public static func read(
        _ path: String, vocabulary: VectorVocabulary? = nil, ids: [String]? = nil
    ) throws -> QueryVectors {
        let reader = try VectorReader(path: path, vocabulary: vocabulary, ids: ids)
        var vectors = QueryVectors(topics: [], terms: [:])
        var seen = DuplicateIDs()
        while let vector = try reader.next() {
            try seen.insert(vector.id, path: path, line: vector.line)
            vectors.topics.append(Topic(id: vector.id, text: vector.contents ?? ""))
            vectors.terms[ByteString(vector.id)] = vector.weights.map { QueryTerm(term: $0.term, weight: $0.weight) }
        }
        return vectors
    }
}
