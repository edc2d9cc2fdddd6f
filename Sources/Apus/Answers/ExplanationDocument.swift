/// An explanation as JSON, with how the search ran: the form of `apus explain --plan --json`.
public struct ExplanationDocument: Sendable, Codable {
    /// The fields that make up the score.
    public var fields: [FieldExplanation]
    /// What each traversal did and proved.
    public var searches: [CertificateDocument]

    /// An explanation beside the answer to its query.
    public init(_ explanation: ScoreExplanation, _ answer: SearchAnswer) {
        fields = explanation.fields
        searches = CertificateDocument.all(of: answer)
    }
}
