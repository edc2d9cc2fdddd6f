import ByteStrings
import JSONScanning

extension WordPieceTokenizer.Settings {
    /// What a `tokenizer.json` says, refusing what would make other ids.
    ///
    /// - Parameter tokens: The vocabulary as ``VocabularyScanner`` read it; nil when it could not.
    /// - Throws: ``TokenizerError``.
    init(_ file: TokenizerJSON, tokens: [(String, Int)]?) throws(TokenizerError) {
        let model = try file.object("model")
        let isTyped =
            model.has("type") || !(model.has("continuing_subword_prefix") || model.has("max_input_chars_per_word"))
        // Files of 2020 leave the type out.
        if isTyped { try Self.require(model, "type", "WordPiece") }
        let normalizer = try Self.part(file, "normalizer", "BertNormalizer")
        _ = try Self.part(file, "pre_tokenizer", "BertPreTokenizer")
        guard let tokens else { throw model.malformed("'vocab' is no object of tokens with ids") }
        let added = try file.objects("added_tokens").map {
            object throws(TokenizerError) -> (TokenizerJSON, String, Int) in
            guard let content = object.string("content"), let id = object.integer("id") else {
                throw object.malformed("a token has no content or no id")
            }
            return (object, content, id)
        }
        self.init(vocabulary: try Self.vocabulary(tokens, added.map { ($0.1, $0.2) }, file), path: file.path)
        self.normalizer.cleansText = normalizer.bool("clean_text", or: true)
        self.normalizer.handlesChineseCharacters = normalizer.bool("handle_chinese_chars", or: true)
        self.normalizer.lowercases = normalizer.bool("lowercase", or: true)
        self.normalizer.stripsAccents = normalizer.bool("strip_accents", or: self.normalizer.lowercases)
        unknownToken = model.string("unk_token") ?? unknownToken
        continuingPrefix = model.string("continuing_subword_prefix") ?? continuingPrefix
        if let found = model.value["max_input_chars_per_word"] {
            guard let count = found.integer, (1...100_000).contains(count) else {
                throw model.unsupported("max_input_chars_per_word", found.label, "1 to 100000")
            }
            maximumCharacters = count
        }
        for (object, content, id) in added { try add(object, content, Int32(id)) }
        try setTemplate(file)
    }

    private static func require(_ object: TokenizerJSON, _ key: String, _ expected: String) throws(TokenizerError) {
        guard object.string(key) == expected else {
            throw object.unsupported(key, object.string(key) ?? "missing", expected)
        }
    }

    private static func part(_ file: TokenizerJSON, _ key: String, _ type: String) throws(TokenizerError)
        -> TokenizerJSON
    {
        let object = TokenizerJSON(path: file.path, part: key, value: file.value[key] ?? .object([]))
        try require(object, "type", type)
        return object
    }

    /// The tokens by id, the added ones included.
    private static func vocabulary(
        _ pairs: [(String, Int)], _ added: [(String, Int)], _ file: TokenizerJSON
    ) throws(TokenizerError) -> [String] {
        var extra = Set(added.map { ByteString($0.0) })
        for (token, _) in pairs where !extra.isEmpty { extra.remove(ByteString(token)) }
        var tokens = [String?](repeating: nil, count: pairs.count + extra.count)
        for (token, id) in pairs + added {
            guard tokens.indices.contains(id) else {
                throw file.malformed("token '\(token)' has id \(id), but there are only \(tokens.count) tokens")
            }
            if let other = tokens[id], ByteString(other) != ByteString(token) {
                throw file.malformed("tokens '\(other)' and '\(token)' both have id \(id)")
            }
            tokens[id] = token
        }
        if let id = tokens.firstIndex(of: nil) { throw file.malformed("no token has id \(id) of \(tokens.count)") }
        return tokens.compactMap(\.self)
    }

    private mutating func add(_ object: TokenizerJSON, _ content: String, _ id: Int32) throws(TokenizerError) {
        let name = "added token '\(content)'"
        for key in ["single_word", "normalized"] where object.bool(key, or: false) {
            throw .unsupported(path: path, part: name, found: key, supported: "\(key): false")
        }
        guard !content.isEmpty else { return }
        addedTokens.append(
            AddedToken(
                id: id, content: Array(content.utf8), stripsLeft: object.bool("lstrip", or: false),
                stripsRight: object.bool("rstrip", or: false)))
        if object.bool("special", or: false) { specialIDs.insert(id) }
    }

    /// The ids of a template, which must be in the vocabulary.
    private func checked(_ ids: [Int]) throws(TokenizerError) -> [Int32] {
        if let id = ids.first(where: { !vocabulary.indices.contains($0) }) {
            throw .malformed(
                path: path, detail: "post_processor has id \(id), but there are only \(vocabulary.count) tokens")
        }
        return ids.map { Int32($0) }
    }

    private mutating func setTemplate(_ file: TokenizerJSON) throws(TokenizerError) {
        let step = TokenizerJSON(path: path, part: "post_processor", value: file.value["post_processor"] ?? .object([]))
        switch step.string("type") {
        case "BertProcessing":
            func pair(_ key: String) throws(TokenizerError) -> (String, [Int32]) {
                guard let pair = step.value[key]?.elements, pair.count == 2, let token = pair[0].string,
                    let id = pair[1].integer
                else { throw step.malformed("'\(key)' is no token with an id") }
                return (token, try checked([id]))
            }
            let (cls, sep) = (try pair("cls"), try pair("sep"))
            (classToken, separatorToken) = (cls.0, sep.0)
            template = (cls.1, sep.1)
        case "TemplateProcessing":
            let ids = try step.template()
            let (prefix, suffix) = (try checked(ids.prefix), try checked(ids.suffix))
            guard let first = prefix.first, let last = suffix.last else {
                throw step.unsupported("single", "another template", "special tokens around one sequence")
            }
            classToken = vocabulary[Int(first)]
            separatorToken = vocabulary[Int(last)]
            template = (prefix, suffix)
        case let other:
            throw step.unsupported("type", other ?? "missing", "TemplateProcessing or BertProcessing")
        }
    }
}
