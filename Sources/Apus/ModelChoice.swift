import SparseEncoder

/// Which encoder an index is built or searched with.
public enum ModelChoice: Sendable, Equatable {
    /// The model inside the binary.
    case bundled
    /// A Hugging Face or sentence-transformers folder.
    case folder(String)
    /// None here: documents and queries come as vectors that some encoder computed before.
    case vectors
    /// None: BM25 only.
    case none

    /// Reads a `--model` value: `none`, `bundled` or a folder.
    public init(_ argument: String) {
        self =
            switch argument {
            case "none": .none
            case "bundled": .bundled
            case "vectors": .vectors
            default: .folder(argument)
            }
    }

    /// As stored in the index and printed.
    public var name: String {
        switch self {
        case .bundled: "bundled"
        case .folder(let path): path
        case .vectors: "vectors"
        case .none: "none"
        }
    }

    /// Loads the encoder; nil for ``none``.
    /// - Throws: `EncoderError` or `StorageError`.
    public func load(maximumLength: Int? = nil, precision: Precision = .automatic) throws -> SparseEncoder? {
        switch self {
        case .bundled:
            try SparseEncoder(EmbeddedFiles.model, maximumLength: maximumLength, precision: precision)
        case .folder(let path):
            try SparseEncoder(ModelFiles(folder: path), maximumLength: maximumLength, precision: precision)
        case .none, .vectors: nil
        }
    }
}
