import ByteStrings
import FileStorage
public import InvertedIndex
public import LearnedEncoder
import Synchronization
public import TextAnalysis

/// An index opened for searching: one commit, its document store, its analyzer and its encoder; or several indexes searched as one.
///
///     let index = try SearchIndex("Indexes/mine")
///     let answer = try index.search("why do stars shine")
///     for document in answer.documents { print(document.rank, document.id, document.score) }
///     let explanation = try index.explain("why do stars shine", document: answer.documents[0].id, SearchOptions())
///     print(explanation.score, explanation.fields.flatMap(\.terms).map(\.term))
///
/// The encoder is loaded when the first query needs it. Searching is synchronous and may run on many threads at once.
public final class SearchIndex: Sendable {
    /// Where it lies; of several indexes their directories, for people.
    public let directory: String
    /// Where it lies, and whatever is searched with it as one.
    public let directories: [String]
    /// The commit that answers; of several indexes the documents of all of them.
    public let snapshot: IndexSnapshot
    /// What indexes that are searched together have in common.
    let agreement: IndexAgreement
    /// The commit of each.
    private let parts: [IndexSnapshot]
    /// The numbers that scores depend on, where they are not those of the documents here.
    private let collection: CollectionStatistics?
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
        try self.init(
            [directory], [try IndexSnapshot.open(directory, generation: commit)], model, force, collection: nil,
            before: nil)
    }

    /// Opens the newest commits of several indexes, which answer as one: every answer is that of an index built of all their
    /// documents, where they have the same learned scale hit for hit. One threshold goes through all of them.
    /// - Parameters:
    ///   - shards: Indexes built with the same settings, at least one. No document may be in two of them; an answer that holds one twice
    ///     is refused.
    ///   - collection: The numbers of a collection of which these are a part; nil takes those of their own documents. A search for a
    ///     term of which they say nothing is refused.
    ///   - model: Where the encoder is, when it moved since the indexes were built.
    ///   - force: Accept an encoder other than the one the indexes were built with.
    /// - Throws: As above; ``ApusError/unlikeIndexes(first:second:name:firstValue:secondValue:)``.
    public convenience init(
        shards: [String], collection: CollectionStatistics? = nil, model: ModelChoice? = nil, force: Bool = false
    ) throws {
        let parts = try shards.map { try IndexSnapshot.open($0) }
        try self.init(shards, parts, model, force, collection: collection, before: nil)
    }

    /// The index at its newest commit; this object itself where that is the newest.
    ///
    /// What stayed the same is not opened again, the encoder included. This object goes on to answer from its own commit.
    /// - Throws: As ``init(_:commit:model:force:)``.
    /// - Complexity: O(files of the directory) when nothing changed.
    public func refresh() throws -> SearchIndex {
        let newest = try parts.map { try $0.refreshed() }
        if zip(newest, parts).allSatisfy({ $0.generation == $1.generation }) { return self }
        return try SearchIndex(directories, newest, chosen, isForced, collection: collection, before: self)
    }

    private init(
        _ directories: [String], _ parts: [IndexSnapshot], _ model: ModelChoice?, _ force: Bool,
        collection: CollectionStatistics?, before: SearchIndex?
    ) throws {
        precondition(!parts.isEmpty, "at least one index")
        self.directories = directories
        directory = directories.joined(separator: ", ")
        self.parts = parts
        self.collection = collection
        let joined = parts.count == 1 ? parts[0] : IndexSnapshot(joining: parts)
        snapshot = collection.map(joined.scored) ?? joined
        settings = try IndexSettings(of: parts[0], directory: directories[0])
        agreement = try IndexAgreement(parts[0], directory: directories[0])
        if parts.count > 1 { try IndexAgreement.check(Array(zip(directories, parts))) }
        var notes: [String] = []
        for (directory, part) in zip(directories, parts)
        where try !IndexSettings(of: part, directory: directory).isComplete {
            notes.append(
                "'\(directory)' holds the first \(part.documentCount == 1 ? "document" : "\(part.documentCount) documents") of an interrupted build; "
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

    /// Refuses terms of which the numbers that a caller brought say nothing.
    /// - Throws: ``ApusError/unknownStatistics(term:)``.
    func checkStatistics(_ queries: [Query]) throws {
        guard let collection else { return }
        for query in queries {
            let known = query.field == .text ? collection.text : collection.learned
            for term in query.terms where known[ByteString(term.term)] == nil {
                throw ApusError.unknownStatistics(term: term.term)
            }
        }
    }

    /// Refuses hits among which a document stands twice, once of each of two indexes.
    /// - Throws: ``ApusError/repeatedDocument(id:first:second:)``.
    func checkOwners(_ hits: [Hit]) throws {
        guard parts.count > 1 else { return }
        var owners: [ByteString: Int] = [:]
        for hit in hits {
            guard let other = owners.updateValue(hit.segment, forKey: ByteString(hit.id)) else { continue }
            throw ApusError.repeatedDocument(id: hit.id, first: owner(other), second: owner(hit.segment))
        }
    }

    /// The directory of the index that has a segment.
    private func owner(_ segment: Int) -> String {
        var rest = segment
        for (directory, part) in zip(directories, parts) {
            if rest < part.segmentCount { return directory }
            rest -= part.segmentCount
        }
        return directory
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
