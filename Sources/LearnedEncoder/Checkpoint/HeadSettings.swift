/// How hidden states become weights of terms.
enum HeadKind: Sendable, Equatable {
    /// Scores of every term at every position, pooled (SPLADE; "MLM" of the unified framework).
    case language
    /// Scores of every term at the first position ("clsMLM").
    case classLanguage
    /// One weight per token of the text (uniCOIL, DeepImpact, BGE-M3; "MLP", and "expMLP" over expanded texts).
    /// `layers` names the linear layers, with a ReLU between them.
    case tokenWeight(layers: [String])
    /// One weight for every token of the text, learned or not ("BINARY").
    case binary(scale: Float)
    /// The largest latent dimensions of a sparse autoencoder over one dense vector (CSR).
    case autoencoder(AutoencoderSettings)

    /// As printed.
    var name: String {
        switch self {
        case .language: "MLM"
        case .classLanguage: "cls-MLM"
        case .tokenWeight: "token weight"
        case .binary: "binary"
        case .autoencoder: "sparse autoencoder"
        }
    }
}

/// A dense vector and the autoencoder on top of it.
struct AutoencoderSettings: Sendable, Equatable {
    /// Which position, or the mean of all, is the dense vector.
    enum DensePooling: String, Sendable { case first = "cls", mean, last = "lasttoken" }

    var pooling = DensePooling.mean
    /// Whether the dense vector is scaled to length 1.
    var normalizes = false
    /// Where the autoencoder's files are, with a final slash.
    var folder = ""
}

/// What happens to a score.
enum ScoreActivation: String, Sendable, CaseIterable {
    case relu
    case log1pRelu = "log1p-relu"
    case log1pLog1pRelu = "log1p-log1p-relu"

    var logarithms: Int {
        switch self {
        case .relu: 0
        case .log1pRelu: 1
        case .log1pLog1pRelu: 2
        }
    }

    /// As printed.
    static func label(logarithms: Int) -> String {
        (0..<logarithms).reduce("relu(x)") { label, _ in "log1p(\(label))" }
    }
}

/// How a folder's head is set up, as `modules.json`, a `sparse_linear.pt` or `apus.json` says.
struct HeadSettings: Sendable, Equatable {
    var kind = HeadKind.language
    var pooling = Pooling.max
    var logarithms = 1
    /// Whether special tokens put around the text take part in pooling.
    var keepsSpecialPositions = true
    /// Whether special tokens may be terms.
    var keepsSpecialTerms = true
    /// Whether each token sees only those before it; nil is what the architecture does.
    var isCausal: Bool?
    /// What stands between the two copies of an echoed text; nil does not echo.
    var echoSeparator: String?
    /// Replaces the class that `config.json` names.
    var architecture: String?
    /// Replaces the weights' own file name, for a head that is stored apart.
    var headFile: String?

    /// Which positions and dimensions take part, as printed.
    var specialTokenPolicy: String {
        let positions =
            switch kind {
            case .classLanguage: "only the first position is read"
            case .autoencoder(let settings):
                settings.pooling == .mean
                    ? "the mean of all positions is read" : "one position (\(settings.pooling.rawValue)) is read"
            default:
                echoSeparator != nil
                    ? "the second copy of the text is pooled"
                    : keepsSpecialPositions
                        ? "[CLS] and [SEP] positions are pooled" : "[CLS] and [SEP] positions are dropped"
            }
        return positions
            + (keepsSpecialTerms ? ", no dimension is zeroed" : ", dimensions of special tokens are zeroed")
    }
}
