import ByteStrings
import JSONScanning

extension TokenizerSettings {
    /// A `tokenizer.json` with what the settings change in it.
    ///
    /// - Parameter vocabulary: The tokens with their ids, which the file no longer has.
    /// - Throws: ``TokenizerError/unsupported(path:part:found:supported:)`` where versions of transformers contradict each other.
    func applied(
        to file: TokenizerJSON, vocabulary: [(String, Int)]
    ) throws(TokenizerError) -> (TokenizerJSON, AppliedTokenizerSettings) {
        var (file, applied) = (file, AppliedTokenizerSettings())
        let model = file.value["model"]
        let isWordPiece = file.value["normalizer"]?["type"]?.string == "BertNormalizer"
        switch family {
        case .bert:
            if isWordPiece { replaceNormalizer(&file, &applied) }
            if let unknown = content("unk_token"), unknown.isStated,
                let stored = model?["unk_token"]?.string, ByteString(stored) != ByteString(unknown.content)
            {
                throw unsupported("unk_token", "'\(unknown.content)'", "'\(stored)', as tokenizer.json has it")
            }
        case .roberta: replacePrefixSpace(&file, &applied)
        case .xlmRoberta, .llama, .qwen2, .generic:
            if isWordPiece, className?.hasPrefix("BertJapanese") == true || className?.hasPrefix("RoFormer") == true {
                throw unsupported("tokenizer_class", "'\(className ?? "")'", "BertTokenizer or PreTrainedTokenizerFast")
            }
            try checkPrefixSpace(file)
        }
        if lowercasesFirst { lowercase(&file, &applied) }
        addTokens(&file, vocabulary, &applied)
        let side = config["truncation_side"]?.string ?? file.value["truncation"]?["direction"]?.string?.lowercased()
        truncate(side, &applied)
        listUnused(file, &applied)
        return (file, applied)
    }

    func truncate(_ side: String?, _ applied: inout AppliedTokenizerSettings) {
        guard side == "left" else { return }
        applied.truncatesLeft = true
        applied.changes.append("truncation left")
    }

    /// BertTokenizer: the settings, or their defaults, take the place of what tokenizer.json says.
    private func replaceNormalizer(_ file: inout TokenizerJSON, _ applied: inout AppliedTokenizerSettings) {
        guard var normalizer = file.value["normalizer"] else { return }
        let lowercases = config["do_lower_case"]?.bool ?? true
        let wanted = (
            lowercases, config["strip_accents"]?.bool ?? lowercases, config["tokenize_chinese_chars"]?.bool ?? true
        )
        let old = normalizer["lowercase"]?.bool ?? true
        let stored = (old, normalizer["strip_accents"]?.bool ?? old, normalizer["handle_chinese_chars"]?.bool ?? true)
        guard wanted != stored else { return }
        normalizer.set("lowercase", .bool(wanted.0))
        normalizer.set("strip_accents", .bool(wanted.1))
        normalizer.set("handle_chinese_chars", .bool(wanted.2))
        file.value.set("normalizer", normalizer)
        applied.changes.append("lowercase \(wanted.0), accents \(wanted.1), Chinese \(wanted.2)")
    }

    /// RobertaTokenizer: false unless it is stated, whatever tokenizer.json says.
    private func replacePrefixSpace(_ file: inout TokenizerJSON, _ applied: inout AppliedTokenizerSettings) {
        guard var step = file.value["pre_tokenizer"], step["type"]?.string == "ByteLevel" else { return }
        let wanted = config["add_prefix_space"]?.bool ?? false
        guard wanted != step["add_prefix_space"]?.bool ?? true else { return }
        step.set("add_prefix_space", .bool(wanted))
        file.value.set("pre_tokenizer", step)
        applied.changes.append("prefix space \(wanted)")
    }

    /// Other classes: transformers 4 follows the setting, 5 follows tokenizer.json.
    private func checkPrefixSpace(_ file: TokenizerJSON) throws(TokenizerError) {
        guard let wanted = config["add_prefix_space"]?.bool else { return }
        let step = file.value["pre_tokenizer"]
        if family == .llama, !file.has("pre_tokenizer") {
            throw unsupported("add_prefix_space", "\(wanted)", "none stated")
        }
        for step in step?["pretokenizers"]?.elements ?? step.map({ [$0] }) ?? [] {
            var stored: Bool?
            switch step["type"]?.string {
            case "ByteLevel": stored = step["add_prefix_space"]?.bool ?? true
            case "Metaspace":
                stored = step["prepend_scheme"]?.string.map { $0 != "never" } ?? step["add_prefix_space"]?.bool ?? true
            default: break
            }
            if let stored, stored != wanted {
                throw unsupported("add_prefix_space", "\(wanted)", "\(stored), as tokenizer.json has it")
            }
        }
    }

    /// sentence-transformers puts a step before the normaliser, unless it lowers already.
    private func lowercase(_ file: inout TokenizerJSON, _ applied: inout AppliedTokenizerSettings) {
        let step = JSONTree.object([("type", .string("Lowercase"))])
        var old = file.value["normalizer"] ?? .object([("type", .string("Sequence")), ("normalizers", .array([]))])
        let steps = old["normalizers"]?.elements ?? [old]
        guard !steps.contains(where: { $0["type"]?.string == "Lowercase" || $0["lowercase"]?.bool == true }) else {
            return
        }
        if old["type"]?.string == "BertNormalizer" {
            // Lowering first and lowering after the accents are gone give the same letters.
            old.set("strip_accents", .bool(old["strip_accents"]?.bool ?? false))
            old.set("lowercase", .bool(true))
            file.value.set("normalizer", old)
        } else {
            file.value.set(
                "normalizer", .object([("type", .string("Sequence")), ("normalizers", .array([step] + steps))]))
        }
        applied.changes.append("lowercase first")
    }

    // MARK: Added tokens

    /// Adds and changes `added_tokens`: those of the settings stand beside those of the file, in transformers' order.
    private func addTokens(
        _ file: inout TokenizerJSON, _ vocabulary: [(String, Int)], _ applied: inout AppliedTokenizerSettings
    ) {
        var tokens = file.value["added_tokens"]?.elements ?? []
        var places: [ByteString: Int] = [:]
        for (index, token) in tokens.enumerated() { places[ByteString(token["content"]?.string ?? "")] = index }
        func place(_ content: String) -> Int? { places[ByteString(content)] }
        func flags(_ token: JSONTree) -> [Bool] {
            let isSpecial = token["special"]?.bool ?? false
            return ["lstrip", "rstrip", "single_word"].map { token[$0]?.bool ?? false }
                + [token["normalized"]?.bool ?? !isSpecial, isSpecial]
        }
        func added(_ content: String, _ values: [Bool], id: Int) -> JSONTree {
            let keys = ["lstrip", "rstrip", "single_word", "normalized", "special"]
            return .object(
                [("id", .number(Double(id))), ("content", .string(content))]
                    + zip(keys, values).map { ($0, JSONTree.bool($1)) })
        }
        func id(of content: String) -> Int? {
            if let found = vocabulary.first(where: { $0.0.utf8.elementsEqual(content.utf8) })?.1 { return found }
            let next = max(vocabulary.map(\.1).max() ?? -1, tokens.compactMap { $0["id"]?.integer }.max() ?? -1) + 1
            return next < rows && next < 1 << 24 ? next : nil
        }
        func add(_ content: String, _ values: [Bool], _ role: String, isStated: Bool) {
            guard !content.isEmpty else { return }
            let isKnown = vocabulary.contains { $0.0.utf8.elementsEqual(content.utf8) }
            guard isStated || isKnown else { return }
            guard let id = id(of: content) else {
                applied.unused.append("\(role) '\(content)' (not in the vocabulary)")
                return
            }
            places[ByteString(content)] = tokens.count
            tokens.append(added(content, values, id: id))
            applied.changes.append("token \(id) \(content) \(values)")
        }
        let stated =
            decoder.map { ($0.token["content"]?.string ?? "", flags($0.token)) }
            + older.filter { place($0.content) == nil }.map { entry in
                let isSpecial = specials.contains { ByteString($0.content) == ByteString(entry.content) }
                return (entry.content, [false, false, false, !isSpecial, isSpecial])
            }
        for (content, values) in stated {
            guard let place = place(content) else {
                add(content, values, "added token", isStated: true)
                continue
            }
            // A token in the file without 'normalized' is taken as it stands there.
            guard flags(tokens[place]) != values, let id = tokens[place]["id"]?.integer else { continue }
            tokens[place] = added(content, values, id: id)
            applied.changes.append("token \(id) \(content) \(values)")
        }
        for special in specials where place(special.content) == nil {
            add(
                special.content, [special.stripsLeft, special.stripsRight, false, special.isNormalized, true],
                special.role, isStated: special.isStated)
        }
        if !applied.changes.isEmpty { file.value.set("added_tokens", .array(tokens)) }
    }

    // MARK: Template

    /// Whether the tokens around a text are those that the settings name.
    ///
    /// For these classes transformers 5 puts them there and 4 leaves those of tokenizer.json.
    func checkTemplate(of tokenizer: any Tokenizer) throws(TokenizerError) {
        func check(_ role: String, _ ids: [Int32]) throws(TokenizerError) {
            guard let wanted = content(role), wanted.isStated else { return }
            let found = ids.compactMap { tokenizer.token(Int($0)) }
            guard found.count == 1, ByteString(found[0]) == ByteString(wanted.content) else {
                throw unsupported(
                    role, "'\(wanted.content)'",
                    found.isEmpty ? "none" : "'\(found.joined(separator: " "))', as tokenizer.json has it")
            }
        }
        if family == .bert || family == .roberta {
            try check("cls_token", tokenizer.prefixIDs)
            try check("sep_token", tokenizer.suffixIDs)
        }
        guard family == .llama else { return }
        for (key, ids) in [("add_bos_token", tokenizer.prefixIDs), ("add_eos_token", tokenizer.suffixIDs)] {
            if let wanted = config[key]?.bool, wanted == ids.isEmpty {
                throw unsupported(key, "\(wanted)", "\(!wanted), as tokenizer.json has it")
            }
        }
    }
}
