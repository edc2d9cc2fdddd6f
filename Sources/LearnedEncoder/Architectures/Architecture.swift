/// A family of models: its classes in transformers, the keys of its `config.json`, its tensors and how its layers differ.
///
/// One file of this folder holds each, and ``Architectures/all`` names it; nothing else asks which family a model is of.
protocol Architecture: Sendable {
    /// With their scores of every term where they have them; the first such is what a bare class stands for.
    static var classes: [ModelClass] { get }
    /// Classes outside transformers that are known by the head they add.
    static var tokenWeightClasses: [TokenWeightClass] { get }
    /// The tensors of the head that scores every term.
    static var head: HeadNames { get }
    static var keys: ConfigKeys { get }
    /// The tensors of the backbone of one of its classes.
    static func names(of model: ModelClass) -> BackboneNames
    /// Whether the words' embeddings score the terms too, where the file does not say.
    static var isTied: Bool { get }
    /// Whether each token sees only those before it, where the head does not say.
    static var isCausal: Bool { get }
    /// Most tokens of a text unless the user asks for more; nil for as many as there are positions.
    static var usualLength: Int? { get }
    /// Reads what the family's models have of their own, the sizes being known already.
    /// - Throws: ``EncoderError``, naming what is unknown.
    static func read(_ json: JSONFile, into model: inout ModelConfiguration) throws(EncoderError)
}

extension Architecture {
    static var tokenWeightClasses: [TokenWeightClass] { [] }
    static var isTied: Bool { true }
    static var isCausal: Bool { false }
    static var usualLength: Int? { nil }
}

/// The families that Apus runs.
enum Architectures {
    static let all: [any Architecture.Type] = [
        BERT.self, DistilBERT.self, RoBERTa.self, ModernBERT.self, GTE.self, CausalDecoder.self,
    ]

    /// Every class, those that score every term first.
    static let classes: [ModelClass] = {
        let classes = all.flatMap { $0.classes }
        return classes.filter(\.hasLanguageHead) + classes.filter { !$0.hasLanguageHead }
    }()

    /// Names that the file of sentence-transformers had for each family before it was one for all.
    static let sentenceFiles = ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"]
}

/// A class outside transformers, and the linear layers of its head.
struct TokenWeightClass: Sendable {
    let name: String
    /// The class that it extends.
    let base: String
    let layers: [String]
}

/// The keys of `config.json` that a family's models have, by the type of their values.
struct ConfigKeys: Sendable {
    /// Named apart from the sizes' usual keys.
    var hiddenSize = "hidden_size"
    var layers = "num_hidden_layers"
    var heads = "num_attention_heads"
    var intermediateSize = "intermediate_size"
    var numbers: [String] = []
    var flags: [String] = []
    var texts: [String] = []
    /// What is read in another form, and what matters to training or to generation only.
    var others: [String] = []

    /// What is looked at whatever the family.
    static let common = ConfigKeys(
        flags: ["tie_word_embeddings"], texts: ["hidden_act", "model_type", "tokenizer_class"],
        others: [
            "architectures", "auto_map", "dtype", "embedding_size", "gradient_checkpointing", "initializer_range",
            "language",
            "layer_types", "max_position_embeddings", "name_or_path", "rope_parameters", "rope_scaling", "tie_weights_",
            "torch_dtype", "transformers_version", "use_cache", "vocab_size",
        ])

    static let all: [ConfigKeys] = [common] + Architectures.all.map { $0.keys }

    var names: [String] { [hiddenSize, layers, heads, intermediateSize] + numbers + flags + texts + others }
}

/// The tensor names of a masked-language-model head; nil parts do not exist.
struct HeadNames: Sendable, Equatable {
    var transform: String?
    var norm: String?
    /// Whether the transform's bias and the norm's shift may be missing.
    var mayLackShifts = false
    var decoderWeight: String
    /// The bias of a decoder tied to the word embeddings, and of one with its own weights.
    var tiedBias, ownBias: String?
}

/// The tensor names of a backbone; nil parts do not exist.
struct BackboneNames: Sendable, Equatable {
    /// What may stand before all names; the last where none is found.
    var stems: [String]
    var words: String
    var positions, tokenTypes: String?
    var embeddingNorm, finalNorm: String?
    /// Before a layer's number.
    var layers: String
    /// Queries, keys and values: three tensors or one.
    var projection: [String]
    /// Scales of each head's queries and keys.
    var queryNorm, keyNorm: String?
    var attentionOutput, attentionNorm: String
    /// The inner layer; with its gate where it has one, in one tensor or two.
    var up: [String]
    var down, innerNorm: String

    /// The names with what stands before them in a checkpoint.
    func found(in checkpoint: Checkpoint) -> BackboneNames {
        var names = self
        let stem = stems.first { checkpoint.has($0 + words) } ?? stems.last ?? ""
        names.words = stem + words
        names.positions = positions.map { stem + $0 }
        names.tokenTypes = tokenTypes.map { stem + $0 }
        names.embeddingNorm = embeddingNorm.map { stem + $0 }
        names.finalNorm = finalNorm.map { stem + $0 }
        names.layers = stem + layers
        return names
    }
}
