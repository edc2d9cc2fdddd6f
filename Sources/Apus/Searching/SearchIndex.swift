import FileStorage
public import InvertedIndex
public import LearnedEncoder
import Synchronization
public import TextAnalysis

/// An index opened for searching: one commit, its document store, its analyzer and its encoder.
///
///     let index = try SearchIndex("Indexes/mine")
///     let answer = try index.search("why do stars shine")
///     for document in answer.documents { print(document.rank, document.id, document.score) }
///     let explanation = try index.explain("why do stars shine", document: answer.documents[0].id, SearchOptions())
///     print(explanation.score, explanation.fields.flatMap(\.terms).map(\.term))
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
    /// What filters let through, found once for all commits.
    let filters: FilterCache
    /// Where the encoder is; nil where the index says.
    private let chosen: ModelChoice?
    private let isForced: Bool
    private let loaded: LoadedEncoder

    /// What a person should know before trusting an answer: an interrupted build, another version of the analyzer.
    public let notes: [String]

    /// Opens the newest commit of `directory`.
    /// - Parameters:
    ///   - directory: The index.
    ///   - commit: Another commit's number, where it is still there.
    ///   - model: Where the encoder is, when it moved since the index was built.
    ///   - force: Accept an encoder other than the one the index was built with.
    /// - Throws: `IndexError`, `StorageError` or ``ApusError``.
    public convenience init(
        _ directory: String, commit: Int? = nil, model: ModelChoice? = nil, force: Bool = false
    ) throws {
        try self.init(directory, try IndexSnapshot.open(directory, generation: commit), model, force, before: nil)
    }

    /// The index at its newest commit; this object itself where that is the newest.
    ///
    /// What stayed the same is not opened again, the encoder included. This object goes on to answer from its own commit.
    /// - Throws: As ``init(_:commit:model:force:)``.
    /// - Complexity: O(files of the directory) when nothing changed.
    public func refresh() throws -> SearchIndex {
        let newest = try snapshot.refreshed()
        if newest.generation == snapshot.generation { return self }
        return try SearchIndex(directory, newest, chosen, isForced, before: self)
    }

    private init(
        _ directory: String, _ snapshot: IndexSnapshot, _ model: ModelChoice?, _ force: Bool, before: SearchIndex?
    ) throws {
        self.directory = directory
        self.snapshot = snapshot
        settings = try IndexSettings(of: snapshot, directory: directory)
        var notes: [String] = []
        if !settings.isComplete {
            notes.append(
                "'\(directory)' holds the first \(snapshot.documentCount == 1 ? "document" : "\(snapshot.documentCount) documents") of an interrupted build; "
                    + "'apus index … --resume' goes on.")
        }
        if let warning = settings.analyzerWarning(directory) { notes.append(warning) }
        self.notes = notes
        analyzer = Analyzer(settings.analyzer)
        documents = DocumentStore(snapshot, before: before?.documents)
        filters = before?.filters ?? FilterCache()
        chosen = model
        isForced = force
        let isSameEncoder =
            before?.settings.modelIdentity == settings.modelIdentity && before?.settings.model == settings.model
        loaded = before.flatMap { isSameEncoder ? $0.loaded : nil } ?? LoadedEncoder()
    }

    /// Whether the index has a learned field.
    public var hasLearned: Bool { settings.model != .none }

    /// The encoder, or nil when the index has no learned field or the encoder's files are gone.
    /// - Throws: ``ApusError/otherModel(index:indexed:found:)``; `EncoderError` when the model is there but broken.
    public func encoder() throws -> SparseEncoder? {
        guard hasLearned else { return nil }
        return try loaded.state.withLock { state in
            if let state { return try state.get() }
            let result = Result { try load() }
            state = result
            return try result.get()
        }
    }

    private func load() throws -> SparseEncoder? {
        let encoder: SparseEncoder?
        do {
            encoder = try (chosen ?? settings.model).load(
                maximumLength: settings.maximumLength, precision: settings.precision)
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

/// The encoder, or why there is none, once it was asked for; an index shares it with what it becomes by ``SearchIndex/refresh()``.
private final class LoadedEncoder: Sendable {
    let state = Mutex<Result<SparseEncoder?, any Error>?>(nil)
}
