public import CorpusFormats
import InvertedIndex

/// Changes an index document by document, for programs that stay: a server, a watcher of a folder.
///
/// ```swift
/// let updater = try IndexUpdater("Indexes/mine")
/// try await updater.update([CorpusDocument(id: "d1", title: "Stars", text: "They shine.")])
/// try await updater.delete(["d2"])
/// let commit = try await updater.commit()
/// print(commit.number, commit.documents)
/// ```
///
/// It holds the write lock while it lives. Nothing is seen by others before ``commit()``; what was not committed when it goes is
/// lost. Segments are joined beside the changes, so that a change costs what is changed and not what is there.
public actor IndexUpdater {
    /// What a commit made.
    public struct Commit: Sendable, Codable {
        /// The number of the commit.
        public var number: Int
        /// Documents of the index.
        public var documents: Int
        /// Segments of the index.
        public var segments: Int
    }

    private let plan: BuildPlan
    private let writer: IndexWriter
    private var pipeline: DocumentPipeline
    private var merge: BackgroundMerge?
    /// What a person should know although it was done, as sentences.
    public var warnings: [String] { get async { plan.warnings + (await writer.warnings) } }

    /// Takes the write lock of an index, and loads its encoder.
    /// - Parameters:
    ///   - directory: The index.
    ///   - model: Where its encoder is, when it moved since the index was built.
    /// - Throws: `IndexError`, also when another process writes; ``ApusError``, `EncoderError`.
    public init(_ directory: String, model: ModelChoice? = nil) throws {
        var builder = IndexBuilder(directory: directory)
        builder.existing = .update
        builder.requiresIndex = true
        builder.model = model
        plan = try BuildPlan(builder)
        writer = try plan.writer(profile: nil, memory: builder.memory)
        pipeline = DocumentPipeline(settings: plan.settings, encoder: plan.encoder, threads: builder.threads)
    }

    /// Adds documents.
    /// - Throws: `IndexError.duplicateDocument` for an id that is there; then none is added.
    public func add(_ documents: [CorpusDocument]) async throws { try await writer.add(try process(documents)) }

    /// Adds documents in the place of those with the same ids, where there are any.
    /// - Returns: How many there were.
    /// - Throws: `IndexError`, `EncoderError`; then nothing is changed.
    @discardableResult public func update(_ documents: [CorpusDocument]) async throws -> Int {
        try await writer.update(try process(documents))
    }

    /// Of each id, whether there is such a document.
    public func contains(_ ids: [String]) async -> [Bool] { await writer.contains(ids) }

    /// Deletes documents.
    /// - Returns: Of each id, whether there was such a document.
    /// - Throws: `IndexError`.
    @discardableResult public func delete(_ ids: [String]) async throws -> [Bool] { try await writer.delete(ids) }

    /// Makes all changes since the last commit visible at once, and durable.
    /// - Throws: `IndexError`; the commit before then stays the newest.
    @discardableResult public func commit() async throws -> Commit {
        if let running = merge, running.isDone {
            merge = nil
            try await running.end(writer)
        }
        var settings = plan.settings
        settings.isComplete = plan.isComplete
        await writer.setMetadata(settings.metadata)
        let snapshot = try await writer.commit()
        if merge == nil, let task = await writer.beginMerge(reorder: false) { merge = BackgroundMerge(task) }
        return Commit(
            number: snapshot.generation, documents: snapshot.documentCount, segments: snapshot.segmentCount)
    }

    private func process(_ documents: [CorpusDocument]) throws -> [IndexDocument] {
        try pipeline.process(documents, isCancelled: { false })?.documents ?? []
    }
}
