import Foundation
public import LearnedEncoder
import Synchronization

/// Which encoder an index is built or searched with.
///
///     let choice = ModelChoice.folder("Models/splade")
///     let encoder = try choice.load(maximumLength: 256)
public enum ModelChoice: Sendable, Equatable {
    /// The model that the program carries with it, if it does: the product `ApusBundledModel`.
    case bundled
    /// The small one beside it: several times faster, inference-free queries.
    case tiny
    /// A Hugging Face or sentence-transformers folder.
    case folder(String)
    /// None here: documents and queries come as vectors that some encoder computed before.
    case vectors
    /// None: BM25 only.
    case none

    /// Reads the name that an index stores; what a person types is read by ``parse(_:allowsNone:)``.
    public init(_ stored: String) {
        self =
            switch stored {
            case "none": .none
            case "bundled": .bundled
            case "tiny": .tiny
            case "vectors": .vectors
            default: .folder(stored)
            }
    }

    /// What a `--model` value cannot mean.
    public struct Misuse: Error, CustomStringConvertible, Equatable {
        /// One line: what was given, what to give.
        public let description: String
    }

    /// Reads a `--model` value: `bundled`, `tiny` or a folder, and `none` where a verb can do without an encoder.
    /// - Throws: ``Misuse``. `vectors` is what an index stores that was built with `--vectors`; no encoder makes them.
    public static func parse(_ argument: String, allowsNone: Bool = false) throws(Misuse) -> ModelChoice {
        let expected = "Give a model's folder, bundled\(allowsNone ? ", tiny, or none for BM25 alone" : " or tiny")."
        switch argument {
        case "": throw Misuse(description: "The model's name is empty. \(expected)")
        case "none" where !allowsNone:
            throw Misuse(description: "'none' names no model, and one is needed here. \(expected)")
        case "vectors":
            throw Misuse(
                description:
                    "'vectors' names no model. Vectors that were computed before are indexed with --vectors; a folder of "
                    + "that name is './vectors'.")
        default: return ModelChoice(argument)
        }
    }

    /// As stored in the index and printed.
    public var name: String {
        switch self {
        case .bundled: "bundled"
        case .tiny: "tiny"
        case .folder(let path): path
        case .vectors: "vectors"
        case .none: "none"
        }
    }

    /// Whether the program carries it; such models are made for the weighting of ``Weighting``.
    public var isBundled: Bool { self == .bundled || self == .tiny }

    /// The model's files; nil where there is no model.
    /// - Throws: `EncoderError`; ``ApusError/noBundledModel`` in a program without it; ``ApusError/unknownModel(name:known:)`` for
    ///   a word that is neither a folder nor a model's name.
    public func files() throws -> ModelFiles? {
        switch self {
        case .bundled, .tiny:
            guard Self.knowsBundled, let files = Self.registered.withLock({ $0[name] }) else {
                throw ApusError.noBundledModel
            }
            return files
        case .folder(let path):
            if !path.contains("/"), !FileManager.default.fileExists(atPath: path) {
                throw ApusError.unknownModel(name: path, known: Self.registered.withLock { $0.keys.sorted() })
            }
            return try ModelFiles(folder: path)
        case .none, .vectors: return nil
        }
    }

    /// Loads the encoder; nil where there is no model.
    /// - Throws: `EncoderError`, `StorageError`; ``ApusError/noBundledModel`` in a program without it;
    ///   ``ApusError/outOfMemory(needed:left:)`` when a limit on the address space leaves too little.
    public func load(maximumLength: Int? = nil, precision: Precision = .automatic) throws -> SparseEncoder? {
        let files = try files()
        if files != nil { try AddressSpace.require(AddressSpace.encoding) }
        return try files.map { try SparseEncoder($0, maximumLength: maximumLength, precision: precision) }
    }

    private static let registered = Mutex<[String: ModelFiles]>([:])
    /// False in a task that is to be as in a program without the bundled model; what is registered is the whole process's.
    @TaskLocal package static var knowsBundled = true

    /// Says what ``bundled`` and ``tiny`` mean in this program; `BundledModel.register()` of the product `ApusBundledModel` does.
    public static func register(bundled files: ModelFiles, tiny: ModelFiles) {
        registered.withLock { $0 = [Self.bundled.name: files, Self.tiny.name: tiny] }
    }
}
