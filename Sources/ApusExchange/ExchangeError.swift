/// What can go wrong when indexes are exchanged, beyond what the formats report themselves.
public enum ExchangeError: Error, Equatable, Sendable {
    /// An index exists where one should be made.
    case indexExists(path: String)
    /// A file does not say whether its numbers are frequencies or impacts.
    case unknownField(path: String, description: String)
    /// The index has no learned field, or no words.
    case noField(index: String, field: String)
    /// The receiver cannot take something of the index.
    case refused(receiver: String, detail: String)
    /// Another export, or something else, is where this one should go on.
    case otherExport(path: String, detail: String)
}

extension ExchangeError: CustomStringConvertible {
    /// One line: what happened, where, and what to do.
    public var description: String {
        switch self {
        case .indexExists(let path):
            "'\(path)' already holds an index. Name a new directory, or add --replace."
        case .unknownField(let path, let description):
            "\(path == "-" ? "Standard input" : "'\(path)'") does not say what its numbers are"
                + (description.isEmpty ? "" : " ('\(description)')")
                + ". Add --field text where they are term frequencies, or --field learned where they are impacts."
        case .noField(let index, let field):
            "'\(index)' has no \(field == "learned" ? "learned field" : "words") to export."
        case .refused(let receiver, let detail):
            "\(receiver) cannot take this index: \(detail)"
        case .otherExport(let path, let detail):
            "'\(path)' holds \(detail). Name a new folder with --output."
        }
    }
}
