import FileStorage
import Foundation

/// What `config.json` and the files beside it say about a model.
struct ModelConfiguration: Sendable, Equatable {
    enum Activation: String, Sendable, CaseIterable {
        case gelu, geluTanh = "gelu_new", relu
    }

    /// Hugging Face's class.
    var modelClass: ModelClass
    /// Rows of the word embeddings.
    var vocabularySize: Int
    var hiddenSize: Int
    var layers: Int
    var heads: Int
    var intermediateSize: Int
    /// Positions a text can have.
    var positions: Int
    /// Rows of the position table before that of the first token; the padding's is the last of them.
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

    /// The tensors of the backbone.
    var names: BackboneNames { modelClass.architecture.names(of: modelClass) }
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
            numbers: ConfigKeys.all.flatMap(\.numbers), flags: ConfigKeys.all.flatMap(\.flags),
            texts: ConfigKeys.all.flatMap(\.texts))
        modelClass = try ModelClass(json, &head, hasTensor: hasTensor)
        let architecture = modelClass.architecture
        let keys = architecture.keys
        modelType = json.string("model_type")
        tokenizerClass = json.string("tokenizer_class")
        hiddenSize = try json.size(keys.hiddenSize)
        layers = try json.size(keys.layers)
        heads = try json.size(keys.heads)
        intermediateSize = try json.size(keys.intermediateSize)
        vocabularySize = try json.size("vocab_size")
        positions = try json.size("max_position_embeddings")
        isTied = json.bool("tie_word_embeddings") ?? architecture.isTied
        normEpsilon = 1e-12
        statedLength = nil
        // Layers and positions are lists and buffers before any tensor could show that they are absurd.
        guard layers <= 1000 else {
            throw .malformed(path: json.path, detail: "\(layers) layers are more than any model has")
        }
        try architecture.read(json, into: &self)
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
        if let usual = architecture.usualLength { statedLength = min(statedLength ?? usual, usual) }
    }

    /// What this reader follows, and what says how Python is to load or to batch.
    private static let sentenceKeys: Set<String> = [
        "do_lower_case", "max_seq_length", "modality_config", "module_output_name", "transformer_task", "unpad_inputs",
    ]

    private mutating func readSentenceSettings(_ files: ModelFiles) throws(EncoderError) {
        for name in Architectures.sentenceFiles {
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
