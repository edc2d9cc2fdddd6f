import Foundation

/// Reads a `tokenizer.json` of the Hugging Face `tokenizers` library, whatever its model.
///
/// Its `truncation` and `padding` are not used: the caller says how long a text may be.
public enum TokenizerReader {
    /// - Parameters:
    ///   - tokenizerJSON: The bytes of the file.
    ///   - path: Its path, for messages.
    /// - Throws: ``TokenizerError``; anything that would make other ids than that library gives is refused by name.
    public static func read(tokenizerJSON: [UInt8], path: String) throws(TokenizerError) -> any Tokenizer {
        let scan = VocabularyScanner.scan(tokenizerJSON)
        let pieces = scan == nil ? VocabularyScanner.scanPieces(tokenizerJSON) : nil
        let rest = scan?.rest ?? pieces?.rest ?? tokenizerJSON
        guard let parsed = try? JSONSerialization.jsonObject(with: Data(rest)),
            let root = parsed as? [String: Any]
        else { throw .malformed(path: path, detail: "no valid JSON") }
        let object = TokenizerJSON(path: path, part: "tokenizer", value: root)
        let model = try object.object("model")
        switch try model.type(or: model.has("merges") ? "BPE" : "WordPiece") {
        case "WordPiece": return try WordPieceTokenizer.load(tokenizerJSON: tokenizerJSON, path: path)
        case "BPE":
            guard let tokens = scan?.tokens else { throw model.malformed("'vocab' is no object of tokens with ids") }
            return try SubwordTokenizer(object, model, .ids(tokens))
        case "Unigram":
            guard let pieces = pieces?.pieces else { throw model.malformed("'vocab' is no list of pieces with scores") }
            return try SubwordTokenizer(object, model, .scores(pieces))
        case let other: throw model.unsupported("type", other, "WordPiece, BPE or Unigram")
        }
    }
}

/// An object inside a `tokenizer.json`, with errors that name the place.
struct TokenizerJSON {
    let path: String
    let part: String
    let value: [String: Any]

    /// Whether the key is there and not null.
    func has(_ key: String) -> Bool { value[key].map { !($0 is NSNull) } ?? false }

    func string(_ key: String) -> String? { value[key] as? String }
    func bool(_ key: String, or fallback: Bool) -> Bool { value[key] as? Bool ?? fallback }
    func integer(_ key: String) -> Int? { value[key] as? Int }

    /// The object at a key.
    func object(_ key: String) throws(TokenizerError) -> TokenizerJSON {
        guard let found = value[key] as? [String: Any] else { throw malformed("'\(key)' is no object") }
        return TokenizerJSON(path: path, part: name(key), value: found)
    }

    /// The objects in the list at a key.
    func objects(_ key: String) throws(TokenizerError) -> [TokenizerJSON] {
        guard has(key) else { return [] }
        guard let list = value[key] as? [[String: Any]] else { throw malformed("'\(key)' is no list of objects") }
        return list.map { TokenizerJSON(path: path, part: name(key), value: $0) }
    }

    func type(or fallback: String? = nil) throws(TokenizerError) -> String {
        guard let type = string("type") ?? fallback else { throw malformed("'type' is missing") }
        return type
    }

    func unsupported(_ key: String, _ found: String, _ supported: String) -> TokenizerError {
        .unsupported(path: path, part: name(key), found: found, supported: supported)
    }

    func malformed(_ detail: String) -> TokenizerError {
        .malformed(path: path, detail: part == "tokenizer" ? detail : "\(part): \(detail)")
    }

    private func name(_ key: String) -> String { part == "tokenizer" ? key : part + "." + key }
}
