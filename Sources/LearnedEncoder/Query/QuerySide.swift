/// How a query becomes a vector; a model may offer several.
public enum QuerySide: String, Sendable, CaseIterable, Codable {
    /// The document encoder reads the query too.
    case siamese
    /// Each distinct token of the query weighs what the model's table says; no network runs.
    case inferenceFree = "inference-free"
    /// The siamese vector mixed with the table's, cut to its heaviest terms; see ``QueryBlend``.
    case blended
}
