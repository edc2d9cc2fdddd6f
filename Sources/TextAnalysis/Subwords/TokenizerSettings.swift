import ByteStrings
import JSONScanning

/// What `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` say about a tokenizer.
///
/// Followed as AutoTokenizer of transformers 4.57 and 5.24 does. Which settings count depends on the class of the tokenizer:
/// BertTokenizer replaces the normaliser of tokenizer.json, RobertaTokenizer its prefix space, PreTrainedTokenizerFast nothing.
/// Where the two versions would make other ids the setting is refused by name. Oracle: Scripts/oracles/tokenizer-settings.
public struct TokenizerSettings: Sendable {
    /// What a class does to the tokenizer it loads.
    enum Family: Sendable { case bert, roberta, xlmRoberta, llama, qwen2, generic }

    /// A special token by its role.
    struct Special: Sendable {
        let role: String
        let content: String
        var stripsLeft = false
        var stripsRight = false
        var isNormalized = false
        /// Whether a file names it; otherwise the class has it.
        let isStated: Bool
    }

    /// The path of `tokenizer_config.json`, for messages.
    let path: String
    let family: Family
    let className: String?
    /// `tokenizer_config.json`, with `special_tokens_map.json` in it where transformers reads that.
    let config: JSONTree
    /// Tokens of the roles, then the additional ones.
    let specials: [Special]
    /// `added_tokens_decoder`, by id.
    let decoder: [(id: Int, token: JSONTree)]
    /// Whether `added_tokens_decoder` is there, so that the older files are not read.
    let hasDecoder: Bool
    /// `added_tokens.json`.
    let older: [(content: String, id: Int)]
    /// Rows that the checkpoint has for tokens; a token beyond them could never be encoded.
    let rows: Int
    /// Whether sentence-transformers lowers the text first.
    let lowercasesFirst: Bool

    /// - Parameters:
    ///   - config: The bytes of `tokenizer_config.json`; nil when there is none.
    ///   - specialTokensMap: The bytes of `special_tokens_map.json`.
    ///   - addedTokens: The bytes of `added_tokens.json`.
    ///   - path: The path of `tokenizer_config.json`, for messages.
    ///   - modelType: `model_type` of `config.json`, which decides where no class is named.
    ///   - modelTokenizerClass: `tokenizer_class` of `config.json`.
    ///   - rows: Rows of the word embeddings.
    ///   - lowercasesFirst: `do_lower_case` of `sentence_bert_config.json`.
    /// - Throws: ``TokenizerError`` for what no tokenizer could mean.
    public init(
        config: [UInt8]? = nil, specialTokensMap: [UInt8]? = nil, addedTokens: [UInt8]? = nil,
        path: String = "tokenizer_config.json", modelType: String? = "bert", modelTokenizerClass: String? = nil,
        rows: Int = .max, lowercasesFirst: Bool = false
    ) throws(TokenizerError) {
        self.path = path
        self.rows = rows
        self.lowercasesFirst = lowercasesFirst
        let folder = String(path.dropLast("tokenizer_config.json".count))
        var tree = try Self.object(config, path)
        if let found = tree["tokenizer_class"], found.string == nil {
            throw .malformed(path: path, detail: "'tokenizer_class' must be a text, not \(found.label)")
        }
        className = tree["tokenizer_class"]?.string ?? modelTokenizerClass
        family = Self.family(of: className, modelType: modelType)
        hasDecoder = tree["added_tokens_decoder"] != nil
        decoder = try Self.decoder(tree["added_tokens_decoder"], path)
        var older: [(String, Int)] = []
        if !hasDecoder {
            let map = folder + "special_tokens_map.json"
            for (key, value) in try Self.object(specialTokensMap, map).members ?? [] {
                if Self.roles.contains(key), case .null = value {
                } else if Self.roles.contains(key) {
                    _ = try Self.special(key, value, map)
                }
                tree.set(key, value)
            }
            let file = folder + "added_tokens.json"
            for (content, value) in try Self.object(addedTokens, file).members ?? [] {
                guard let id = value.integer, (0..<1 << 24).contains(id) else {
                    throw .malformed(path: file, detail: "token '\(content)' has the id \(value.label)")
                }
                older.append((content, id))
            }
        }
        self.older = older
        self.config = tree
        specials = try Self.specials(tree, family, path)
        for key in [
            "do_lower_case", "strip_accents", "tokenize_chinese_chars", "add_prefix_space", "split_special_tokens",
        ] {
            if let found = tree[key], found.bool == nil {
                throw .malformed(path: path, detail: "'\(key)' must be true or false, not \(found.label)")
            }
        }
        if tree["split_special_tokens"]?.bool == true { throw unsupported("split_special_tokens", "true", "false") }
        if let side = tree["truncation_side"], side.string != "left", side.string != "right" {
            throw unsupported("truncation_side", side.label, "'left' or 'right'")
        }
    }

    private static func object(_ bytes: [UInt8]?, _ path: String) throws(TokenizerError) -> JSONTree {
        guard let bytes else { return .object([]) }
        guard let tree = JSONTree(bytes), tree.members != nil else {
            throw .malformed(path: path, detail: "it is not a JSON object")
        }
        return tree
    }

    private static let bertClasses: Set<String> = [
        "BertTokenizer", "ConvBertTokenizer", "DPRContextEncoderTokenizer", "DPRQuestionEncoderTokenizer",
        "DPRReaderTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "LayoutLMTokenizer", "LxmertTokenizer",
        "MobileBertTokenizer", "SqueezeBertTokenizer",
    ]
    private static let bertModels: Set<String> = [
        "bert", "convbert", "distilbert", "electra", "ernie", "layoutlm", "lxmert", "mobilebert", "nomic_bert",
        "squeezebert",
    ]

    private static func family(of name: String?, modelType: String?) -> Family {
        guard let name else {
            switch modelType {
            case let type? where bertModels.contains(type): return .bert
            case "roberta": return .roberta
            case "xlm-roberta": return .xlmRoberta
            case "llama": return .llama
            case "qwen3": return .qwen2
            default: return .generic
            }
        }
        switch name.hasSuffix("Fast") ? String(name.dropLast(4)) : name {
        case let stem where bertClasses.contains(stem): return .bert
        case "RobertaTokenizer", "BartTokenizer", "GPT2Tokenizer", "LongformerTokenizer": return .roberta
        case "XLMRobertaTokenizer": return .xlmRoberta
        case "LlamaTokenizer", "CodeLlamaTokenizer": return .llama
        case "Qwen2Tokenizer": return .qwen2
        default: return .generic
        }
    }

    private static let roles = [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]
    private static let bertTokens = [
        "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
    ]

    private static func specials(_ config: JSONTree, _ family: Family, _ path: String) throws(TokenizerError)
        -> [Special]
    {
        let members = config.members ?? []
        func isSet(_ key: String) -> Bool { members.contains { $0.key == key } }
        var found: [Special] = []
        for role in roles {
            if let value = config[role] {
                found.append(try special(role, value, path))
            } else if family == .bert, !isSet(role), let content = bertTokens[role] {
                found.append(Special(role: role, content: content, isStated: false))
            }
        }
        for (key, value) in members where key.hasSuffix("_token") && !roles.contains(key) {
            if value.string != nil || value.members != nil { found.append(try special(key, value, path)) }
        }
        // transformers 5 renames the first of these.
        for key in ["additional_special_tokens", "extra_special_tokens"] {
            guard let value = config[key] else { continue }
            for element in value.elements ?? value.members?.map(\.value) ?? [] {
                found.append(try special(key, element, path))
            }
        }
        return found
    }

    private static func special(_ role: String, _ value: JSONTree, _ path: String) throws(TokenizerError) -> Special {
        if let content = value.string { return Special(role: role, content: content, isStated: true) }
        guard let content = value["content"]?.string else {
            throw .malformed(path: path, detail: "'\(role)' is no token: a text, or an object with 'content'")
        }
        guard value["single_word"]?.bool != true else {
            throw .unsupported(
                path: path, part: "\(role) '\(content)'", found: "single_word", supported: "single_word: false")
        }
        return Special(
            role: role, content: content, stripsLeft: value["lstrip"]?.bool ?? false,
            stripsRight: value["rstrip"]?.bool ?? false, isNormalized: value["normalized"]?.bool ?? false,
            isStated: true)
    }

    private static func decoder(_ tree: JSONTree?, _ path: String) throws(TokenizerError) -> [(
        id: Int, token: JSONTree
    )] {
        guard let tree else { return [] }
        guard let members = tree.members else {
            throw .malformed(path: path, detail: "'added_tokens_decoder' must be an object, not \(tree.label)")
        }
        var found: [(id: Int, token: JSONTree)] = []
        for (key, token) in members {
            guard let id = Int(key), (0..<1 << 24).contains(id), token["content"]?.string != nil else {
                throw .malformed(path: path, detail: "'added_tokens_decoder' has no token with 'content' at '\(key)'")
            }
            found.append((id, token))
        }
        return found.sorted { $0.id < $1.id }
    }

    /// The content of a role's token.
    func content(_ role: String) -> Special? { specials.first { $0.role == role } }

    func unsupported(_ part: String, _ found: String, _ supported: String) -> TokenizerError {
        .unsupported(path: path, part: part, found: found, supported: supported)
    }
}
