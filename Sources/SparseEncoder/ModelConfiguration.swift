import Foundation

/// What `config.json` and the sentence-transformers files beside it say about a model.
struct ModelConfiguration: Sendable, Equatable {
    enum Architecture: String, Sendable, CaseIterable {
        case bert = "BertForMaskedLM"
        case distilBERT = "DistilBertForMaskedLM"
    }

    enum Activation: String, Sendable, CaseIterable {
        case gelu, geluTanh = "gelu_new", relu
    }

    var architecture: Architecture
    var vocabularySize: Int
    var hiddenSize: Int
    var layers: Int
    var heads: Int
    var intermediateSize: Int
    var positions: Int
    var normEpsilon: Float
    var activation: Activation
    var isTied: Bool
    var pooling: Pooling
    var logarithms: Int
    /// Where the transformer's own files are: "" or "0_MLMTransformer/".
    var folder: String
    /// What the tokenizer and sentence-transformers files state, before the number of positions limits it.
    var statedLength: Int?

    /// Reads the model's JSON files.
    /// - Throws: ``EncoderError`` naming the file, and the name that is unknown.
    init(_ files: ModelFiles, _ route: ModuleList.Route) throws(EncoderError) {
        folder = route.transformerFolder
        pooling = route.pooling
        logarithms = route.logarithms
        let json = try JSONFile(files.required(folder + "config.json"))

        let architectures = json.strings("architectures")
        let name = architectures.first ?? json.string("model_type") ?? "none"
        guard let architecture = Architecture(rawValue: name) else {
            throw json.unsupported("architecture", name, known: Architecture.allCases.map(\.rawValue))
        }
        self.architecture = architecture
        if let kind = json.string("position_embedding_type"), kind != "absolute" {
            throw json.unsupported("position embedding", kind, known: ["absolute"])
        }
        let activationName: String
        switch architecture {
        case .bert:
            hiddenSize = try json.size("hidden_size")
            layers = try json.size("num_hidden_layers")
            heads = try json.size("num_attention_heads")
            intermediateSize = try json.size("intermediate_size")
            activationName = json.string("hidden_act") ?? "gelu"
            normEpsilon = Float(json.number("layer_norm_eps") ?? 1e-12)
        case .distilBERT:
            hiddenSize = try json.size("dim")
            layers = try json.size("n_layers")
            heads = try json.size("n_heads")
            intermediateSize = try json.size("hidden_dim")
            activationName = json.string("activation") ?? "gelu"
            normEpsilon = 1e-12
        }
        guard let activation = Activation(rawValue: activationName) else {
            throw json.unsupported("activation", activationName, known: Activation.allCases.map(\.rawValue))
        }
        self.activation = activation
        vocabularySize = try json.size("vocab_size")
        positions = try json.size("max_position_embeddings")
        isTied = json.bool("tie_word_embeddings") ?? true
        guard hiddenSize % heads == 0 else {
            throw .malformed(
                path: json.path, detail: "\(hiddenSize) hidden units cannot be split over \(heads) attention heads")
        }
        statedLength = nil
        if let sentence = try files.bytes(folder + "sentence_bert_config.json") {
            statedLength = try JSONFile(sentence).integer("max_seq_length")
        }
        if statedLength == nil, let tokenizer = try files.bytes(folder + "tokenizer_config.json") {
            statedLength = try JSONFile(tokenizer).integer("model_max_length")
        }
    }

    /// Tokens of the longest text, [CLS] and [SEP] included.
    var maximumLength: Int { max(2, min(positions, statedLength ?? positions)) }
}

/// How the positions of a text become one weight per term.
public enum Pooling: String, Sendable, CaseIterable, Codable {
    /// The largest logit of any position (SPLADE v2 and later).
    case max
    /// The sum over positions of each logit's activation (SPLADE v1).
    case sum
}
