import FileStorage
import InvertedIndex
import SparseEncoder
import Synchronization
import TextAnalysis

/// An index opened for searching: one commit, its document store, its analyzer and its encoder.
///
/// The encoder is loaded when the first query needs it. Searching is synchronous and may run on many threads at once.
public final class SearchIndex: Sendable {
    /// Where it lies.
    public let directory: String
    /// The commit that answers.
    public let snapshot: IndexSnapshot
    /// How the index was made.
    public let settings: IndexSettings
    /// Titles and texts.
    public let documents: DocumentStore
    /// Word analysis of queries.
    public let analyzer: Analyzer
    private let model: ModelChoice
    private let isForced: Bool
    private let loaded = Mutex<Result<SparseEncoder?, any Error>?>(nil)

    /// Opens the newest whole commit of `directory`.
    /// - Parameters:
    ///   - model: Where the encoder is, when it moved since the index was built.
    ///   - force: Accept an encoder other than the one the index was built with.
    /// - Throws: `IndexError`, `StorageError` or ``ApusError``.
    public init(_ directory: String, model: ModelChoice? = nil, force: Bool = false) throws {
        self.directory = directory
        snapshot = try IndexSnapshot.open(directory)
        settings = try IndexSettings(of: snapshot, directory: directory)
        guard settings.analyzerVersion == IndexSettings.version(of: settings.analyzer) else {
            throw ApusError.unknownSetting(index: directory, name: "analyzer", value: settings.analyzerVersion)
        }
        analyzer = Analyzer(settings.analyzer)
        documents = try DocumentStore(reading: directory + "/" + settings.documents)
        self.model = model ?? settings.model
        isForced = force
    }

    /// Whether the index has a learned field.
    public var hasLearned: Bool { settings.model != .none }

    /// The encoder, or nil when the index has no learned field or the encoder's files are gone.
    /// - Throws: ``ApusError/otherModel(index:indexed:found:)``; `EncoderError` when the model is there but broken.
    public func encoder() throws -> SparseEncoder? {
        guard hasLearned else { return nil }
        return try loaded.withLock { state in
            if let state { return try state.get() }
            let result = Result { try load() }
            state = result
            return try result.get()
        }
    }

    private func load() throws -> SparseEncoder? {
        let encoder: SparseEncoder?
        do {
            encoder = try model.load(maximumLength: settings.maximumLength, precision: settings.precision)
        } catch EncoderError.storage(.missing) {
            return nil
        }
        if let encoder, encoder.description.identity != settings.modelIdentity, !isForced {
            throw ApusError.otherModel(
                index: directory, indexed: settings.modelName, found: encoder.description.name)
        }
        return encoder
    }
}
