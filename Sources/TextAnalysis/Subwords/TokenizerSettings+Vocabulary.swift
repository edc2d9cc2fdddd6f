import ByteStrings
import JSONScanning

extension TokenizerSettings {
    /// The settings of a WordPiece vocabulary without a tokenizer.json.
    /// - Throws: ``TokenizerError``.
    func wordPiece(
        vocabulary: [String], path: String
    ) throws(TokenizerError) -> (WordPieceTokenizer.Settings, AppliedTokenizerSettings) {
        guard family == .bert || className == nil else {
            throw unsupported(
                "tokenizer_class", "'\(className ?? "")' without a tokenizer.json", "BertTokenizer and classes like it")
        }
        var applied = AppliedTokenizerSettings()
        var settings = WordPieceTokenizer.Settings(vocabulary: vocabulary, path: path)
        settings.normalizer.lowercases = config["do_lower_case"]?.bool ?? true
        settings.normalizer.stripsAccents = config["strip_accents"]?.bool ?? settings.normalizer.lowercases
        settings.normalizer.handlesChineseCharacters = config["tokenize_chinese_chars"]?.bool ?? true
        if lowercasesFirst, !settings.normalizer.lowercases {
            settings.normalizer.lowercases = true
            applied.changes.append("lowercase first")
        }
        settings.unknownToken = content("unk_token")?.content ?? settings.unknownToken
        settings.classToken = content("cls_token")?.content ?? settings.classToken
        settings.separatorToken = content("sep_token")?.content ?? settings.separatorToken
        settings.paddingToken = content("pad_token")?.content ?? settings.paddingToken
        settings.maskToken = content("mask_token")?.content ?? settings.maskToken
        try add(to: &settings, &applied)
        truncate(config["truncation_side"]?.string, &applied)
        listUnused(nil, &applied)
        return (settings, applied)
    }

    private func add(
        to settings: inout WordPieceTokenizer.Settings, _ applied: inout AppliedTokenizerSettings
    ) throws(TokenizerError) {
        var tokens: [Special] = []
        for (_, token) in decoder {
            tokens.append(
                Special(
                    role: token["special"]?.bool == true ? "special" : "added", content: token["content"]?.string ?? "",
                    stripsLeft: token["lstrip"]?.bool ?? false, stripsRight: token["rstrip"]?.bool ?? false,
                    isNormalized: token["normalized"]?.bool ?? !(token["special"]?.bool ?? false), isStated: true))
            guard token["single_word"]?.bool != true else {
                throw unsupported(
                    "added token '\(token["content"]?.string ?? "")'", "single_word", "single_word: false")
            }
        }
        let isClass = { (content: String) in self.specials.contains { ByteString($0.content) == ByteString(content) } }
        for (content, _) in older {
            tokens.append(
                Special(
                    role: isClass(content) ? "special" : "added", content: content, isNormalized: !isClass(content),
                    isStated: true))
        }
        tokens += specials
        // A model type without a class of its own has BERT's tokens.
        if family != .bert { tokens += Self.roleTokens.filter { role in !specials.contains { $0.role == role.role } } }
        for token in tokens where !token.content.isEmpty {
            let known = settings.vocabulary.firstIndex { $0.utf8.elementsEqual(token.content.utf8) }
            if let known, settings.addedTokens.contains(where: { $0.id == Int32(known) }) { continue }
            guard !token.isNormalized else {
                throw unsupported("added token '\(token.content)'", "normalized", "normalized: false")
            }
            guard
                let id = known ?? (token.isStated && settings.vocabulary.count < rows ? settings.vocabulary.count : nil)
            else {
                if token.isStated { applied.unused.append("\(token.role) '\(token.content)' (not in the vocabulary)") }
                continue
            }
            if known == nil { settings.vocabulary.append(token.content) }
            settings.addedTokens.append(
                AddedToken(
                    id: Int32(id), content: Array(token.content.utf8), stripsLeft: token.stripsLeft,
                    stripsRight: token.stripsRight))
            if token.role != "added" { settings.specialIDs.insert(Int32(id)) }
            // What this reader did before it followed the other files and flags is no change.
            let isPlain = Self.bertRoles.contains(token.role) && known != nil && !token.stripsLeft && !token.stripsRight
            if !isPlain {
                applied.changes.append(
                    "token \(id) \(token.content) \(token.stripsLeft) \(token.stripsRight) \(token.role)")
            }
        }
    }

    private static let bertRoles = ["unk_token", "cls_token", "sep_token", "pad_token", "mask_token"]
    private static let roleTokens = zip(bertRoles, ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]).map {
        Special(role: $0, content: $1, isStated: false)
    }
}
