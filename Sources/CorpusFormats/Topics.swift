/// One query of a test collection.
public struct Topic: Sendable, Equatable {
    /// The query id, as qrels and runs name it.
    public var id: String
    /// What is asked.
    public var text: String

    /// Makes a topic.
    public init(id: String, text: String) {
        self.id = id
        self.text = text
    }
}

/// Reads topic files.
public enum Topics {
    /// Reads `id⇥query` lines, BEIR's `queries.jsonl` (`{"_id", "text"}`), or TREC's markup and XML, whichever the first byte says.
    ///
    /// In JSON the id is `_id`, `id`, `qid`, `query_id` or `topic_id`, a string or a whole number, and the query `text`, `query` or
    /// `title`; where a line has several, the first of the list counts. What TREC's topics say is in ``TopicMarkup``.
    ///
    /// - Throws: A ``FormatError`` with file and line; also for an id that stands there twice, and
    ///   ``FormatError/nothing(path:what:found:)`` when there is no topic at all.
    public static func read(_ path: String) throws(FormatError) -> [Topic] {
        let reader = try TopicReader(path: path)
        var topics: [Topic] = []
        var seen = DuplicateIDs()
        while let (topic, line) = try reader.next() {
            try seen.insert(topic.id, path: path, line: line)
            topics.append(topic)
        }
        if topics.isEmpty { throw .nothing(path: path, what: "topics", found: "it is empty") }
        return topics
    }
}
