/// An answer as JSON, in the terminal and over HTTP.
///
///     let answer = try index.search("why do stars shine")
///     print(try AnswerJSON.text(AnswerDocument("why do stars shine", answer, in: index)))
public struct AnswerDocument: Sendable, Codable {
    /// A query with its id, where it came from a file of topics.
    public struct QueryText: Sendable, Codable {
        /// The topic's id.
        public var id: String?
        /// What was asked.
        public var text: String
    }

    /// The version of this form.
    public var api = "v1"
    /// The index directory.
    public var index: String
    /// What was asked.
    public var query: QueryText
    /// The ranking that answered.
    public var mode: SearchMode
    /// Whether BM25 stood in for the mode asked for.
    public var fallback: Bool
    /// The run tag.
    public var tag: String
    /// What a reader should know.
    public var notes: [String]
    /// Best first.
    public var candidates: [RankedDocument]
    /// Whether these are proved to be the exact best.
    public var exact: Bool
    /// What feedback did to the query, where asked for.
    public var feedback: FeedbackReceipt?
    /// What each traversal proved, where asked for.
    public var certificates: [CertificateDocument]?

    /// - Parameters:
    ///   - documents: The answer's documents, with or without texts.
    ///   - topic: The query's id in a file of topics.
    ///   - withCertificates: Whether to say what each traversal proved.
    public init(
        _ text: String, _ answer: SearchAnswer, in index: SearchIndex, topic: String? = nil,
        withCertificates: Bool = false
    ) {
        self.index = index.directory
        query = QueryText(id: topic, text: text)
        mode = answer.mode
        fallback = answer.isFallback
        tag = answer.tag
        notes = answer.notes
        exact = answer.isExact
        certificates = withCertificates ? CertificateDocument.all(of: answer) : nil
        feedback = answer.feedback
        candidates = answer.documents
    }
}
