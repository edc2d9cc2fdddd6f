public import LearnedEncoder

/// A learned vector as a line of JSON, `{"id", "vector": {term: weight}}`, as Anserini and Seismic read it.
public enum VectorLine {
    /// The heaviest terms first, at most `top` of them.
    ///
    /// Members in order of weight, which JSONEncoder cannot promise, and each token its own; so the line is put together here.
    /// - Parameter vocabulary: The terms by number.
    /// - Throws: `EncodingError`.
    public static func text(
        _ id: String, _ vector: SparseVector, _ vocabulary: [String], top: Int? = nil
    ) throws -> String {
        let members = try vector.heaviestFirst.prefix(top ?? .max).map { place in
            let term = try AnswerJSON.text(vocabulary[Int(vector.terms[place])], pretty: false)
            return "\(term): \(vector.weights[place])"
        }
        return "{\"id\": \(try AnswerJSON.text(id, pretty: false)), \"vector\": {\(members.joined(separator: ", "))}}"
    }
}
