import FileStorage
import InvertedIndex
import LearnedEncoder
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
    let filters = FilterCache()
    private let model: ModelChoice
    private let isForced: Bool
    private let loaded = Mutex<Result<SparseEncoder?, any Error>?>(nil)

    /// What a person should know before trusting an answer: an interrupted build, another version of the analyzer.
    public let notes: [String]

    /// Opens the newest commit of `directory`.
    /// - Parameters:
    ///   - commit: Another commit's number, where it is still there.
    ///   - model: Where the encoder is, when it moved since the index was built.
    ///   - force: Accept an encoder other than the one the index was built with.
    /// - Throws: `IndexError`, `StorageError` or ``ApusError``.
    public init(_ directory: String, commit: Int? = nil, model: ModelChoice? = nil, force: Bool = false) throws {
        self.directory = directory
        snapshot = try IndexSnapshot.open(directory, generation: commit)
        settings = try IndexSettings(of: snapshot, directory: directory)
        var notes: [String] = []
        if !settings.isComplete {
            notes.append(
                "'\(directory)' holds the first \(snapshot.documentCount) documents of an interrupted build; "
                    + "'apus index … --resume' goes on.")
        }
        if let warning = settings.analyzerWarning(directory) { notes.append(warning) }
        self.notes = notes
        analyzer = Analyzer(settings.analyzer)
        documents = DocumentStore(snapshot)
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
        try AddressSpace.require(AddressSpace.encoding)
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
