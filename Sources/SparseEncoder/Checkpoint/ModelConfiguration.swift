import Foundation

/// What `config.json` and the files beside it say about a model.
struct ModelConfiguration: Sendable, Equatable {
    enum Activation: String, Sendable, CaseIterable {
        case gelu, geluTanh = "gelu_new", relu
    }

    var architecture: Architecture
    /// Rows of the word embeddings.
    var vocabularySize: Int
    var hiddenSize: Int
    var layers: Int
    var heads: Int
    var intermediateSize: Int
    /// Positions a text can have.
    var positions: Int
    /// Rows of the position table before that of the first token: RoBERTa starts after its padding id.
    var positionOffset = 0
    var normEpsilon: Float
    var activation = Activation.gelu
    var isTied: Bool
    var head: HeadSettings
    /// Nil for models with a table of positions.
    var rotary: RotarySettings?
    /// Where the transformer's own files are: "" or "0_MLMTransformer/".
    var folder: String
    /// What the tokenizer and sentence-transformers files state, before the number of positions limits it.
    var statedLength: Int?
    /// `model_type`, and the tokenizer's class where `config.json` names it.
    var modelType, tokenizerClass: String?
    /// Whether sentence-transformers lowers each text first.
    var lowercasesFirst = false
    /// Settings of the sentence-transformers file that are not followed.
    var unusedSettings: [String] = []

    var pooling: Pooling { head.pooling }
    var logarithms: Int { head.logarithms }
    /// Width of one head.
    var headSize: Int { rotary?.headSize ?? hiddenSize / heads }
    /// Width of all queries, keys and values of a token.
    var projectionWidth: Int { (heads + 2 * (rotary?.keyHeads ?? heads)) * headSize }
    /// Width of a feed-forward layer, with its gate where it has one.
    var innerWidth: Int { rotary == nil ? intermediateSize : 2 * intermediateSize }

    /// Reads the model's JSON files.
    /// - Parameter hasTensor: Whether the weights have a tensor of a name.
    /// - Throws: ``EncoderError`` naming the file, and the name that is unknown.
    init(
        _ files: ModelFiles, _ route: ModuleList.Route, hasTensor: (String) -> Bool
    ) throws(EncoderError) {
        folder = route.transformerFolder
        head = route.head
        let json = try JSONFile(files.required(folder + "config.json"))
        try json.require(
            numbers: [
                "global_attn_every_n_layers", "global_rope_theta", "head_dim", "layer_norm_eps", "local_attention",
                "local_rope_theta", "norm_eps", "num_key_value_heads", "pad_token_id", "rms_norm_eps", "rope_theta",
                "sliding_window",
            ],
            flags: [
                "add_cross_attention", "is_decoder", "logn_attention_scale", "tie_word_embeddings",
                "use_sliding_window",
            ],
            texts: [
                "activation", "classifier_activation", "hidden_act", "hidden_activation", "layer_norm_type",
                "model_type",
                "position_embedding_type", "tokenizer_class",
            ])
        architecture = try Architecture(json, &head, hasTensor: hasTensor)
        modelType = json.string("model_type")
        tokenizerClass = json.string("tokenizer_class")
        let isDistil = architecture.family == .distilBERT
        hiddenSize = try json.size(isDistil ? "dim" : "hidden_size")
        layers = try json.size(isDistil ? "n_layers" : "num_hidden_layers")
        heads = try json.size(isDistil ? "n_heads" : "num_attention_heads")
        intermediateSize = try json.size(isDistil ? "hidden_dim" : "intermediate_size")
        vocabularySize = try json.size("vocab_size")
        positions = try json.size("max_position_embeddings")
        // Classes of decoders have their own rows unless the file says otherwise.
        isTied = json.bool("tie_word_embeddings") ?? (architecture.family != .decoder)
        normEpsilon = 1e-12
        statedLength = nil
        // Layers and positions are lists and buffers before any tensor could show that they are absurd.
        guard layers <= 1000 else {
            throw .malformed(path: json.path, detail: "\(layers) layers are more than any model has")
        }
        try readFamily(json)
        guard normEpsilon >= 0, normEpsilon.isFinite else {
            throw .malformed(path: json.path, detail: "the norm's epsilon must be a usable number from 0 on")
        }
        guard hiddenSize % heads == 0 || rotary != nil else {
            throw .malformed(
                path: json.path, detail: "\(hiddenSize) hidden units cannot be split over \(heads) attention heads")
        }
        try readSentenceSettings(files)
        if statedLength == nil, let tokenizer = try files.bytes(folder + "tokenizer_config.json") {
            statedLength = try JSONFile(tokenizer).length("model_max_length")
        }
        // Decoders state the length of whole books; buffers of that length are for those who ask.
        if architecture.family == .decoder { statedLength = min(statedLength ?? 512, 512) }
    }

    /// Names that the file had for each architecture before it was one for all.
    private static let sentenceFiles = ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"]
    /// What this reader follows, and what says how Python is to load or to batch.
    private static let sentenceKeys: Set<String> = [
        "do_lower_case", "max_seq_length", "modality_config", "module_output_name", "transformer_task", "unpad_inputs",
    ]

    private mutating func readSentenceSettings(_ files: ModelFiles) throws(EncoderError) {
        for name in Self.sentenceFiles {
            guard let bytes = try files.bytes(folder + "sentence_\(name)_config.json") else { continue }
            let json = try JSONFile(bytes)
            try json.require(flags: ["do_lower_case"])
            statedLength = try json.length("max_seq_length")
            lowercasesFirst = json.bool("do_lower_case") ?? false
            for key in ["tokenizer_args", "processor_kwargs", "processing_kwargs", "query_expansion"] {
                guard let value = json.object(key), !value.isEmpty else { continue }
                throw json.unsupported("setting", key, known: Self.sentenceKeys.sorted())
            }
            let file = bytes.path.split(separator: "/").last.map(String.init) ?? bytes.path
            unusedSettings = json.keys.filter { !Self.sentenceKeys.contains($0) && json.object($0)?.isEmpty != true }
                .sorted()
                .map { "\(file): \($0)" }
            return
        }
    }

    private mutating func readFamily(_ json: JSONFile) throws(EncoderError) {
        let family = architecture.family
        let isRotary = family == .modernBERT || family == .gte || family == .decoder
        let expected = family == .gte ? "rope" : "absolute"
        if family != .modernBERT, let kind = json.string("position_embedding_type"), kind != expected {
            throw json.unsupported("position embedding", kind, known: [expected])
        }
        // As decoders these see only what comes before a token, and with other tensors.
        for key in ["is_decoder", "add_cross_attention"] where !isRotary && json.bool(key) == true {
            throw json.unsupported("setting", "\(key): true", known: ["false"])
        }
        switch family {
        case .bert, .roberta: normEpsilon = Float(json.number("layer_norm_eps") ?? 1e-12)
        case .distilBERT: break
        case .gte:
            normEpsilon = Float(json.number("layer_norm_eps") ?? 1e-12)
            if let kind = json.string("layer_norm_type"), kind != "layer_norm" {
                throw json.unsupported("layer norm", kind, known: ["layer_norm"])
            }
            if json.bool("logn_attention_scale") == true {
                throw json.unsupported("attention scale", "logn_attention_scale", known: ["1 / √(head size)"])
            }
        case .modernBERT: normEpsilon = Float(json.number("norm_eps") ?? 1e-5)
        case .decoder: normEpsilon = Float(json.number("rms_norm_eps") ?? 1e-6)
        }
        if family == .roberta {
            let padding = json.number("pad_token_id") ?? 1
            positionOffset = padding >= 0 && padding < Double(positions) ? Int(padding) + 1 : positions
            guard positionOffset < positions else {
                throw .malformed(path: json.path, detail: "pad_token_id leaves none of the \(positions) positions")
            }
            positions -= positionOffset
        }
        let isCausal = head.isCausal ?? (family == .decoder)
        guard isRotary else {
            if isCausal { throw json.unsupported("attention", "causal", known: ["bidirectional"]) }
            let name = json.string(family == .distilBERT ? "activation" : "hidden_act") ?? "gelu"
            guard let activation = Activation(rawValue: name) else {
                throw json.unsupported("activation", name, known: Activation.allCases.map(\.rawValue))
            }
            self.activation = activation
            return
        }
        // A decoder's buffers are only as long as what is asked for.
        guard positions <= 1 << (family == .decoder ? 20 : 16) else {
            throw .malformed(path: json.path, detail: "\(positions) positions are more than any model has")
        }
        rotary = try RotarySettings(
            json, family, layers: layers, heads: heads, hidden: hiddenSize, isCausal: isCausal)
        // The heads of ModernBERT and GTE.
        let name = json.string("classifier_activation") ?? "gelu"
        guard family != .modernBERT || Activation(rawValue: name) != nil else {
            throw json.unsupported("activation", name, known: Activation.allCases.map(\.rawValue))
        }
        activation = family == .modernBERT ? Activation(rawValue: name) ?? .gelu : .gelu
    }

    /// Tokens of the longest text, special tokens included.
    var maximumLength: Int { min(positions, statedLength ?? positions) }
}

/// How the positions of a text become one weight per term.
public enum Pooling: String, Sendable, CaseIterable, Codable {
    /// The largest logit of any position (SPLADE v2 and later).
    case max
    /// The sum over positions of each logit's activation (SPLADE v1).
    case sum
}
