import JSONScanning

/// Reads a `tokenizer.json` of the Hugging Face `tokenizers` library, whatever its model.
///
/// Its `padding` and the length of its `truncation` are not used: the caller says how long a text may be.
public enum TokenizerReader {
    /// - Parameters:
    ///   - tokenizerJSON: The bytes of the file.
    ///   - settings: What the files beside it say; nil leaves it as it is.
    ///   - path: Its path, for messages.
    /// - Throws: ``TokenizerError``; anything that would make other ids than that library gives is refused by name.
    public static func read(
        tokenizerJSON: [UInt8], settings: TokenizerSettings? = nil, path: String
    ) throws(TokenizerError) -> any Tokenizer {
        let scan = VocabularyScanner.scan(tokenizerJSON)
        let pieces = scan == nil ? VocabularyScanner.scanPieces(tokenizerJSON) : nil
        var file = try TokenizerJSON(bytes: scan?.rest ?? pieces?.rest ?? tokenizerJSON, path: path)
        var applied = AppliedTokenizerSettings()
        if let settings {
            let ids = scan?.tokens ?? pieces?.pieces.enumerated().map { ($1.0, $0) } ?? []
            (file, applied) = try settings.applied(to: file, vocabulary: ids)
        }
        let model = try file.object("model")
        var tokenizer: any Tokenizer
        switch try model.type(or: model.has("merges") ? "BPE" : "WordPiece") {
        case "WordPiece":
            tokenizer = try WordPieceTokenizer(WordPieceTokenizer.Settings(file, tokens: scan?.tokens))
        case "BPE":
            guard let tokens = scan?.tokens else { throw model.malformed("'vocab' is no object of tokens with ids") }
            tokenizer = try SubwordTokenizer(file, model, .ids(tokens))
        case "Unigram":
            guard let pieces = pieces?.pieces else { throw model.malformed("'vocab' is no list of pieces with scores") }
            tokenizer = try SubwordTokenizer(file, model, .scores(pieces))
        case let other: throw model.unsupported("type", other, "WordPiece, BPE or Unigram")
        }
        tokenizer.applied = applied
        try settings?.checkTemplate(of: tokenizer)
        return tokenizer
    }
}

/// An object inside a `tokenizer.json`, with errors that name the place.
struct TokenizerJSON {
    let path: String
    let part: String
    var value: JSONTree

    init(path: String, part: String, value: JSONTree) {
        self.path = path
        self.part = part
        self.value = value
    }

    /// The object of a whole file.
    init(bytes: [UInt8], path: String) throws(TokenizerError) {
        guard let tree = JSONTree(bytes), tree.members != nil else {
            throw .malformed(path: path, detail: "no valid JSON")
        }
        self.init(path: path, part: "tokenizer", value: tree)
        try checkFlags(tree)
    }

    private static let flags: Set<String> = [
        "add_prefix_space", "byte_fallback", "clean_text", "fuse_unk", "handle_chinese_chars", "ignore_merges",
        "invert",
        "lowercase", "lstrip", "normalized", "rstrip", "single_word", "special", "split", "strip_accents", "strip_left",
        "strip_right", "use_regex",
    ]

    /// Refuses a switch that is neither on nor off, wherever it stands; what `special_tokens` names are tokens, not settings.
    private func checkFlags(_ tree: JSONTree) throws(TokenizerError) {
        for element in tree.elements ?? [] where element.members != nil { try checkFlags(element) }
        for (key, value) in tree.members ?? [] where key != "special_tokens" && key != "merges" {
            if case .null = value { continue }
            if Self.flags.contains(key), value.bool == nil {
                throw malformed("'\(key)' must be true or false, not \(value.label)")
            }
            try checkFlags(value)
        }
    }

    /// Whether the key is there and not null.
    func has(_ key: String) -> Bool { value[key] != nil }

    func string(_ key: String) -> String? { value[key]?.string }
    func bool(_ key: String, or fallback: Bool) -> Bool { value[key]?.bool ?? fallback }
    func integer(_ key: String) -> Int? { value[key]?.integer }

    /// The object at a key.
    func object(_ key: String) throws(TokenizerError) -> TokenizerJSON {
        guard let found = value[key], found.members != nil else { throw malformed("'\(key)' is no object") }
        return TokenizerJSON(path: path, part: name(key), value: found)
    }

    /// The objects in the list at a key.
    func objects(_ key: String) throws(TokenizerError) -> [TokenizerJSON] {
        guard has(key) else { return [] }
        guard let list = value[key]?.elements, list.allSatisfy({ $0.members != nil }) else {
            throw malformed("'\(key)' is no list of objects")
        }
        return list.map { TokenizerJSON(path: path, part: name(key), value: $0) }
    }

    /// The whole numbers in the list at a key; nil when something else stands there.
    func integers(_ key: String) -> [Int]? {
        guard let list = value[key]?.elements else { return nil }
        let numbers = list.compactMap(\.integer)
        return numbers.count == list.count ? numbers : nil
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

extension TokenizerJSON {
    /// The ids that a `TemplateProcessing` puts in front of a single sequence and behind it.
    func template() throws(TokenizerError) -> (prefix: [Int], suffix: [Int]) {
        var (prefix, suffix): ([Int], [Int]) = ([], [])
        var sequences = 0
        for piece in try objects("single") {
            guard piece.has("SpecialToken") else {
                sequences += 1
                continue
            }
            guard let name = try piece.object("SpecialToken").string("id"),
                let ids = try object("special_tokens").object(name).integers("ids")
            else { throw malformed("'special_tokens' lacks a token of the template") }
            if sequences == 0 { prefix += ids } else { suffix += ids }
        }
        guard sequences == 1 else {
            throw unsupported("single", "another template", "special tokens around one sequence")
        }
        return (prefix, suffix)
    }
}
