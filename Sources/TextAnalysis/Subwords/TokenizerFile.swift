/// The parts of a `tokenizer.json` that this library knows; the names are the file's.
struct TokenizerFile: Decodable {
    struct Added: Decodable {
        let id: Int
        let content: String
        let single_word: Bool?
        let lstrip: Bool?
        let rstrip: Bool?
        let normalized: Bool?
        let special: Bool?
    }

    struct Normalizer: Decodable {
        let type: String
        let clean_text: Bool?
        let handle_chinese_chars: Bool?
        let strip_accents: Bool?
        let lowercase: Bool?
    }

    struct Typed: Decodable {
        let type: String
    }

    /// `TemplateProcessing` has a template, `BertProcessing` two pairs of token and id.
    struct PostProcessor: Decodable {
        struct Piece: Decodable {
            struct Name: Decodable { let id: String }
            let SpecialToken: Name?
            let Sequence: Name?
        }
        struct Special: Decodable { let ids: [Int] }
        struct Pair: Decodable {
            let token: String
            let id: Int

            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                token = try list.decode(String.self)
                id = try list.decode(Int.self)
            }
        }
        let type: String
        let single: [Piece]?
        let special_tokens: [String: Special]?
        let sep: Pair?
        let cls: Pair?
    }

    struct Model: Decodable {
        let type: String?
        let unk_token: String?
        let continuing_subword_prefix: String?
        let max_input_chars_per_word: Int?
        let vocab: [String: Int]

        private enum CodingKeys: CodingKey {
            case type, unk_token, continuing_subword_prefix, max_input_chars_per_word, vocab
        }

        /// The vocabulary of other models has other shapes, so it is read only when the type is right.
        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            type = try values.decodeIfPresent(String.self, forKey: .type)
            unk_token = type == "WordPiece" ? try values.decodeIfPresent(String.self, forKey: .unk_token) : nil
            continuing_subword_prefix =
                type == "WordPiece" ? try values.decodeIfPresent(String.self, forKey: .continuing_subword_prefix) : nil
            max_input_chars_per_word =
                type == "WordPiece" ? try values.decodeIfPresent(Int.self, forKey: .max_input_chars_per_word) : nil
            vocab = type == "WordPiece" ? try values.decode([String: Int].self, forKey: .vocab) : [:]
        }
    }

    let added_tokens: [Added]?
    let normalizer: Normalizer?
    let pre_tokenizer: Typed?
    let post_processor: PostProcessor?
    let model: Model
}

extension TokenizerFile {
    /// Turns the file into settings, refusing what would make other ids.
    ///
    /// - Parameter scanned: The vocabulary where ``VocabularyScanner`` has read it and left an empty one.
    func settings(path: String, scanned: [(String, Int)]? = nil) throws(TokenizerError) -> WordPieceTokenizer.Settings {
        try require(model.type, "WordPiece", part: "model.type", path)
        try require(normalizer?.type, "BertNormalizer", part: "normalizer.type", path)
        try require(pre_tokenizer?.type, "BertPreTokenizer", part: "pre_tokenizer.type", path)
        var settings = WordPieceTokenizer.Settings(vocabulary: try vocabulary(scanned, path), path: path)
        settings.normalizer.cleansText = normalizer?.clean_text ?? true
        settings.normalizer.handlesChineseCharacters = normalizer?.handle_chinese_chars ?? true
        settings.normalizer.lowercases = normalizer?.lowercase ?? true
        settings.normalizer.stripsAccents = normalizer?.strip_accents ?? settings.normalizer.lowercases
        settings.unknownToken = model.unk_token ?? settings.unknownToken
        settings.continuingPrefix = model.continuing_subword_prefix ?? settings.continuingPrefix
        settings.maximumCharacters = model.max_input_chars_per_word ?? settings.maximumCharacters
        guard (1...100_000).contains(settings.maximumCharacters) else {
            throw .unsupported(
                path: path, part: "model.max_input_chars_per_word", found: "\(settings.maximumCharacters)",
                supported: "1 to 100000")
        }
        for token in added_tokens ?? [] {
            try add(token, to: &settings)
        }
        try setTemplate(of: &settings)
        return settings
    }

    private func require(_ found: String?, _ expected: String, part: String, _ path: String) throws(TokenizerError) {
        guard found == expected else {
            throw .unsupported(path: path, part: part, found: found ?? "missing", supported: expected)
        }
    }

    /// The tokens by id, those of `added_tokens` included.
    private func vocabulary(_ scanned: [(String, Int)]?, _ path: String) throws(TokenizerError) -> [String] {
        let pairs = scanned ?? model.vocab.map { ($0.key, $0.value) }
        var extra = Set((added_tokens ?? []).map(\.content))
        for (token, _) in pairs where !extra.isEmpty { extra.remove(token) }
        var tokens = [String?](repeating: nil, count: pairs.count + extra.count)
        func place(_ token: String, _ id: Int) throws(TokenizerError) {
            guard tokens.indices.contains(id) else {
                throw .malformed(
                    path: path, detail: "token '\(token)' has id \(id), but there are only \(tokens.count) tokens")
            }
            if let other = tokens[id], other != token {
                throw .malformed(path: path, detail: "tokens '\(other)' and '\(token)' both have id \(id)")
            }
            tokens[id] = token
        }
        for (token, id) in pairs { try place(token, id) }
        for token in added_tokens ?? [] { try place(token.content, token.id) }
        if let id = tokens.firstIndex(of: nil) {
            throw .malformed(path: path, detail: "no token has id \(id) of \(tokens.count)")
        }
        return tokens.compactMap(\.self)
    }

    private func add(_ token: Added, to settings: inout WordPieceTokenizer.Settings) throws(TokenizerError) {
        let name = "added token '\(token.content)'"
        guard token.single_word != true else {
            throw .unsupported(path: settings.path, part: name, found: "single_word", supported: "single_word: false")
        }
        guard token.normalized != true else {
            throw .unsupported(path: settings.path, part: name, found: "normalized", supported: "normalized: false")
        }
        guard !token.content.isEmpty else { return }
        settings.addedTokens.append(
            AddedToken(
                id: Int32(token.id), content: Array(token.content.utf8), stripsLeft: token.lstrip ?? false,
                stripsRight: token.rstrip ?? false))
        if token.special ?? false { settings.specialIDs.insert(Int32(token.id)) }
    }

    /// The ids of a template, which must be in the vocabulary.
    private func ids(_ ids: [Int], _ settings: WordPieceTokenizer.Settings) throws(TokenizerError) -> [Int32] {
        if let id = ids.first(where: { !settings.vocabulary.indices.contains($0) }) {
            throw .malformed(
                path: settings.path,
                detail: "post_processor has id \(id), but there are only \(settings.vocabulary.count) tokens")
        }
        return ids.map { Int32($0) }
    }

    private func setTemplate(of settings: inout WordPieceTokenizer.Settings) throws(TokenizerError) {
        let path = settings.path
        switch post_processor?.type {
        case "BertProcessing":
            guard let cls = post_processor?.cls, let sep = post_processor?.sep else {
                throw .malformed(path: path, detail: "post_processor has no 'cls' or no 'sep'")
            }
            settings.classToken = cls.token
            settings.separatorToken = sep.token
            settings.template = (try ids([cls.id], settings), try ids([sep.id], settings))
        case "TemplateProcessing":
            var (prefix, suffix): ([Int32], [Int32]) = ([], [])
            var sequences = 0
            for piece in post_processor?.single ?? [] {
                if let name = piece.SpecialToken?.id {
                    guard let special = post_processor?.special_tokens?[name] else {
                        throw .malformed(path: path, detail: "post_processor.special_tokens has no '\(name)'")
                    }
                    let found = try ids(special.ids, settings)
                    if sequences == 0 { prefix += found } else { suffix += found }
                } else {
                    sequences += 1
                }
            }
            guard sequences == 1, let first = prefix.first, let last = suffix.last
            else {
                throw .unsupported(
                    path: path, part: "post_processor.single", found: "another template",
                    supported: "special tokens around one sequence")
            }
            settings.classToken = settings.vocabulary[Int(first)]
            settings.separatorToken = settings.vocabulary[Int(last)]
            settings.template = (prefix, suffix)
        case let other:
            throw .unsupported(
                path: path, part: "post_processor.type", found: other ?? "missing",
                supported: "TemplateProcessing or BertProcessing")
        }
    }
}
