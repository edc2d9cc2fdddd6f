/// How a query becomes a vector; a model may offer both.
public enum QuerySide: String, Sendable, CaseIterable, Codable {
    /// The document encoder reads the query too.
    case siamese
    /// Each distinct token of the query weighs what the model's table says; no network runs.
    case inferenceFree = "inference-free"
}
