/// What can go wrong when a tokenizer is loaded.
public enum TokenizerError: Error, Equatable, Sendable {
    /// The file is not what its format promises.
    case malformed(path: String, detail: String)
    /// A part of the file asks for something that this library does not do.
    case unsupported(path: String, part: String, found: String, supported: String)
    /// A token that the tokenizer cannot do without is not in the vocabulary.
    case missingToken(path: String, token: String)
    /// A token stands twice in the vocabulary.
    case duplicateToken(path: String, token: String, ids: [Int])
}

extension TokenizerError: CustomStringConvertible {
    /// One line: what happened, where, and what to do.
    public var description: String {
        switch self {
        case .malformed(let path, let detail):
            "'\(path)' is no readable tokenizer: \(detail). Download the model again."
        case .unsupported(let path, let part, let found, let supported):
            "'\(path)': \(part) is \(found); supported is \(supported)."
        case .missingToken(let path, let token):
            "'\(path)': the vocabulary has no token '\(token)'. Does the vocabulary belong to this model?"
        case .duplicateToken(let path, let token, let ids):
            "'\(path)': token '\(token)' has the ids \(ids.map(String.init).joined(separator: " and ")). Remove one."
        }
    }
}
