import CorpusFormats
import FileStorage
import Foundation
import InvertedIndex
import SparseEncoder
import TextAnalysis

/// Builds an index from documents: read, analyse, encode, store, commit.
///
/// A new index is committed every minute while it grows, so that a killed build leaves an index that opens and can be
/// resumed. An existing index changes in one commit at the end: whatever goes wrong before leaves it as it was.
public struct IndexBuilder: Sendable {
    /// What to do about an index that is there already.
    public enum Existing: Sendable {
        /// Refuse.
        case refuse
        /// Add documents; a known id is an error.
        case append
        /// Add documents; known ids are skipped.
        case resume
        /// Build anew; the old index answers until the new one is whole.
        case replace
    }

    /// Where the index goes.
    public var directory: String
    /// What to do about an index that is there already.
    public var existing = Existing.refuse
    /// The encoder; nil takes the index's own when it exists, else the bundled one.
    public var model: ModelChoice?
    /// The encoder's arithmetic; nil takes the index's own when it exists, else ``Precision/automatic``.
    public var precision: Precision?
    /// Tokens per document that the encoder reads; nil takes the model's own limit.
    public var maximumLength: Int?
    /// Word analysis; nil takes the index's own when it exists, else English.
    public var analyzer: Analyzer.Name?
    /// Threads for analysis and encoding.
    public var threads = ProcessInfo.processInfo.activeProcessorCount
    /// Whether the input is vectors that some encoder computed before, `{"id", "contents"?, "vector": {term: weight}}`.
    public var importsVectors = false
    /// Whether similar documents become neighbours in the finished index: smaller and faster, at the cost of a last pass.
    public var reorders = true
    /// Which of a document's learned terms are kept; empty for all of them, or for what the index was begun with.
    public var pruning = StaticPruning()
    /// What the learned field spends on an impact; nil takes the index's own when it exists, else ``IndexProfile/standard``.
    public var profile: IndexProfile?
    /// How texts longer than a passage are split; nil truncates them, or does what the index was begun with.
    public var passages: PassageSplit?
    /// Input format; nil detects it.
    public var format: CorpusFormat?
    /// Documents per batch.
    public var batchSize = 512
    /// Time between the commits of a growing new index, with a model from its
    /// ``IndexWriter/scaleSample``th document on.
    public var commitInterval: Duration = .seconds(60)

    /// A builder for `directory`.
    public init(directory: String) { self.directory = directory }

    /// Indexes the documents of `paths` in order.
    /// - Parameters:
    ///   - progress: Called after each batch.
    ///   - isCancelled: Asked between batches; when true, what was read so far is committed and the report says so
    ///     (nothing is committed when the build replaces an index).
    /// - Throws: ``ApusError``, `FormatError`, `EncoderError`, `IndexError`, `StorageError`.
    public func build(
        from paths: [String], progress: (BuildProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) async throws -> BuildReport {
        let old = try existingSnapshot()
        let (settings, encoder) = try prepare(old)
        let readers = try paths.map { path -> InputReader in
            importsVectors
                ? .vectors(try VectorReader(path: path)) : .texts(try CorpusReader(path: path, format: format))
        }
        // The writer comes first: from here on the directory holds a commit, so it opens whatever happens next.
        let writer = try await openWriter(old, settings, encoder)
        do {
            let store = try DocumentStore(writing: directory + "/" + settings.documents)
            var target = Target(settings: settings, encoder: encoder, store: store, writer: writer, isNew: old == nil)
            return try await fill(&target, Array(zip(paths, readers)), progress, isCancelled)
        } catch {
            // A failed first build that committed nothing leaves no trace.
            if old == nil, (try? IndexSnapshot.open(directory).documentCount) ?? 0 == 0 {
                try? FileManager.default.removeItem(atPath: directory)
            }
            throw error
        }
    }

    private struct Target {
        var settings: IndexSettings
        var encoder: SparseEncoder?
        var store: DocumentStore
        var writer: IndexWriter
        var isNew: Bool
        var imported = ImportedVocabulary()
    }

    private func existingSnapshot() throws -> IndexSnapshot? {
        guard Directory.exists(directory), try !Directory.names(in: directory).isEmpty else { return nil }
        let snapshot: IndexSnapshot
        do { snapshot = try IndexSnapshot.open(directory) } catch IndexError.notAnIndex {
            throw ApusError.notEmpty(path: directory)
        }
        if existing == .refuse { throw ApusError.indexExists(path: directory) }
        return snapshot
    }

    private func prepare(_ old: IndexSnapshot?) throws -> (IndexSettings, SparseEncoder?) {
        guard let old, existing != .replace else {
            let model = importsVectors ? .vectors : model ?? .bundled
            let encoder = try model.load(maximumLength: maximumLength, precision: precision ?? .automatic)
            let name = old == nil ? "documents.sqlite" : "documents-\(UInt32.random(in: 0 ... .max)).sqlite"
            var settings = IndexSettings(
                analyzer: analyzer ?? .english, model: model, encoder: encoder, documents: name)
            settings.precision = precision ?? .automatic
            settings.pruning = pruning
            settings.passages = try passages.flatMap { try encoder?.checked($0) }
            return (settings, encoder)
        }
        var settings = try IndexSettings(of: old, directory: directory)
        let encoder = try (model ?? settings.model).load(
            maximumLength: settings.maximumLength, precision: settings.precision)
        guard (encoder?.description.identity ?? "") == settings.modelIdentity else {
            throw ApusError.otherModel(
                index: directory, indexed: settings.modelName, found: encoder?.description.name ?? "none")
        }
        guard settings.analyzerVersion == IndexSettings.version(of: settings.analyzer),
            analyzer ?? settings.analyzer == settings.analyzer
        else {
            throw ApusError.unknownSetting(
                index: directory, name: "analyzer", value: "\(settings.analyzer) \(settings.analyzerVersion)")
        }
        try keep("profile", old.profile, asked: profile, \.rawValue)
        guard pruning.isEmpty || pruning == settings.pruning else {
            throw ApusError.otherPruning(index: directory, indexed: settings.pruning, asked: pruning)
        }
        try keep("passages", settings.passages, asked: passages.flatMap { try encoder?.checked($0) }, \.description)
        try keep("precision", settings.precision, asked: precision, \.rawValue)
        guard (settings.model == .vectors) == importsVectors else {
            throw ApusError.otherModel(
                index: directory, indexed: settings.model.name, found: importsVectors ? "vectors" : "texts")
        }
        settings.isComplete = false
        return (settings, encoder)
    }

    /// What an index was begun with stays; asking for nothing asks for that.
    /// - Throws: ``ApusError/otherSetting(index:name:indexed:asked:)``.
    private func keep<Setting: Equatable>(
        _ name: String, _ indexed: Setting?, asked: Setting?, _ label: (Setting) -> String
    ) throws {
        guard let asked, asked != indexed else { return }
        throw ApusError.otherSetting(
            index: directory, name: name, indexed: indexed.map(label) ?? "none", asked: label(asked))
    }

    private func openWriter(
        _ old: IndexSnapshot?, _ settings: IndexSettings, _ encoder: SparseEncoder?
    ) async throws -> IndexWriter {
        let vocabulary = encoder?.vocabulary ?? []
        if old != nil, existing != .replace { return try IndexWriter.open(at: directory, vocabulary: vocabulary) }
        var options = IndexOptions()
        options.metadata = settings.metadata
        options.hasLearned = encoder != nil || importsVectors
        options.profile = profile ?? .standard
        return try IndexWriter.create(at: directory, options: options, vocabulary: vocabulary, replacing: old != nil)
    }

    private func fill(
        _ target: inout Target, _ inputs: [(path: String, reader: InputReader)], _ progress: (BuildProgress) -> Void,
        _ isCancelled: () -> Bool
    ) async throws -> BuildReport {
        let clock = ContinuousClock()
        let start = clock.now
        var lastCommit = start
        var report = BuildReport()
        var state = BuildProgress()
        var settings = target.settings
        let writer = target.writer
        // A batch is what Ctrl-C waits for: with an encoder about a second's work.
        let limit = target.encoder == nil ? batchSize : min(batchSize, 128)
        // Passages are encoded to the last token: a smaller batch, so that progress shows and little is lost by Ctrl-C.
        let byteLimit = settings.passages == nil ? 4 << 20 : 256 << 10
        let sizes = inputs.compactMap(\.reader.totalBytes)
        state.totalBytes = sizes.count == inputs.count ? sizes.reduce(0, +) : nil
        var seen: [String: Int] = [:]
        var doneBytes = 0

        for (path, reader) in inputs {
            while !report.interrupted {
                let read: [InputDocument]
                do {
                    read = try readBatch(reader, path: path, limit: limit, byteLimit: byteLimit, seen: &seen)
                } catch FormatError.io(_, _, EINTR) where isCancelled() {
                    report.interrupted = true
                    break
                }
                if read.isEmpty { break }
                var batch: [InputDocument] = []
                for input in read {
                    if await writer.contains(input.document.id) {
                        guard existing == .resume else {
                            throw ApusError.alreadyIndexed(
                                id: input.document.id, path: path, line: input.document.line)
                        }
                        report.skipped += 1
                    } else {
                        batch.append(input)
                    }
                }
                guard try await add(batch, &target, &report, isCancelled) else {
                    report.interrupted = true
                    break
                }
                state.documents = report.added
                state.bytesRead = doneBytes + reader.bytesRead
                state.elapsed = clock.now - start
                progress(state)
                let hasScale = settings.model == .none || report.added >= IndexWriter.scaleSample
                if target.isNew, hasScale, clock.now - lastCommit > commitInterval {
                    try target.store.synchronize()
                    try await writer.commit()
                    lastCommit = clock.now
                }
                report.interrupted = isCancelled()
            }
            doneBytes += reader.totalBytes ?? reader.bytesRead
        }
        if report.added + report.skipped == 0, !report.interrupted {
            throw ApusError.emptyCorpus(path: inputs.map(\.path).joined(separator: "', '"))
        }
        if !(report.interrupted && existing == .replace && !target.isNew) {
            if !report.interrupted {
                // Ordering a large index takes minutes; a kill meanwhile must not cost what was encoded.
                if target.isNew, report.added >= 50_000 {
                    try target.store.synchronize()
                    try await writer.commit()
                }
                state.isMerging = true
                progress(state)
                try await writer.merge(to: 1, reorder: reorders)
            }
            settings.isComplete = !report.interrupted
            await writer.setMetadata(settings.metadata)
            try target.store.synchronize()
            let snapshot = try await writer.commit()
            report.documents = snapshot.documentCount
            report.clipped = snapshot.clippedWeights
        }
        try target.store.finish()
        removeOldStores(except: settings.documents, replaced: !report.interrupted)
        report.seconds = (clock.now - start).seconds
        return report
    }

    private func readBatch(
        _ reader: InputReader, path: String, limit: Int, byteLimit: Int, seen: inout [String: Int]
    ) throws -> [InputDocument] {
        var batch: [InputDocument] = []
        var bytes = 0
        while batch.count < limit, bytes < byteLimit, let input = try reader.next() {
            let document = input.document
            if let first = seen.updateValue(document.line, forKey: document.id) {
                throw ApusError.duplicateDocument(id: document.id, path: path, line: document.line, firstLine: first)
            }
            bytes += document.text.utf8.count
            batch.append(input)
        }
        return batch
    }

    /// - Returns: Whether the documents were added; not when the build was cancelled while they were encoded.
    private func add(
        _ inputs: [InputDocument], _ target: inout Target, _ report: inout BuildReport, _ isCancelled: () -> Bool
    ) async throws -> Bool {
        guard !inputs.isEmpty else { return true }
        let documents = inputs.map(\.document)
        let texts = documents.map(\.content)
        var vectors: [SparseVector]?
        if let encoder = target.encoder, let passages = target.settings.passages {
            vectors = try encoder.encodeDocuments(texts, passages: passages, threads: threads, isCancelled: isCancelled)
            if vectors == nil { return false }
        } else {
            vectors = try target.encoder?.encodeDocuments(texts, threads: threads)
        }
        let words = TextBatch.analyse(texts, with: Analyzer(target.settings.analyzer), threads: threads)
        let imported = inputs.map { input in input.vector.map { target.imported.number($0) } }
        await target.writer.appendVocabulary(target.imported.takeFresh())
        try target.store.insert(
            documents.map { StoredDocument(id: $0.id, title: $0.title, text: $0.text, metadata: $0.metadata) })
        try await target.writer.add(
            documents.indices.map { index in
                let learned = target.settings.pruning(
                    vectors?[index].terms ?? imported[index]?.terms ?? [],
                    vectors?[index].weights ?? imported[index]?.weights ?? [])
                return IndexDocument(
                    id: documents[index].id, wordBytes: words[index].bytes, wordEnds: words[index].ends,
                    terms: learned.terms, weights: learned.weights)
            })
        report.added += documents.count
        report.empty += documents.indices.count { index in
            words[index].ends.isEmpty && (vectors?[index].terms ?? imported[index]?.terms ?? []).isEmpty
        }
        report.truncated += vectors?.count(where: \.isTruncated) ?? 0
        for vector in vectors ?? [] where vector.passages > 1 {
            report.split += 1
            report.passages += vector.passages
        }
        return true
    }

    /// After a replacing build, the store of the old index; after an interrupted one, the unfinished new store.
    private func removeOldStores(except kept: String, replaced: Bool) {
        guard existing == .replace else { return }
        for name in (try? Directory.names(in: directory)) ?? [] where name.hasPrefix("documents") {
            if name.hasPrefix(kept) == replaced { continue }
            Directory.removeFile(directory + "/" + name)
        }
    }
}
