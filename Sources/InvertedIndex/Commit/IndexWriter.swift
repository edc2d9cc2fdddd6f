import FileStorage

/// How a new index is made.
public struct IndexOptions: Sendable {
    /// Free pairs, stored in every commit.
    public var metadata: [String: String] = [:]
    /// Impact per unit of learned weight; nil chooses it from the first ``IndexWriter/scaleSample`` documents, with a tenth of
    /// headroom, so that it does not depend on when buffers were flushed.
    public var learnedScale: Float?
    /// Buffered postings that make a segment, in bytes.
    public var flushBytes = 768 << 20
    /// Whether documents have words.
    public var hasText = true
    /// Whether documents have learned terms.
    public var hasLearned = true
    /// What the learned field spends on an impact.
    public var profile = IndexProfile.standard

    /// The defaults.
    public init() {}
}

/// Adds documents to an index: buffered, then written as segments, then published by a commit.
///
/// One writer per index, held by a lock. Nothing is visible before ``commit()``, and a crash at any point leaves the
/// last commit whole: segments get their names only when they are complete, and the commit's rename comes last.
public actor IndexWriter {
    /// Documents that the learned impacts' scale is chosen from, unless a commit comes first.
    public static let scaleSample = 512

    private let directory: String
    private let lock: FileLock
    private let options: IndexOptions
    private var vocabulary: [String]
    private var metadata: [String: String]
    private var scale: Float?
    private var generation: Int
    private var segments: [Segment]
    private var buffer = SegmentBuffer()
    private var ids: Set<String>
    private var nextSegment: Int

    /// Creates an index with an empty first commit.
    /// - Parameters:
    ///   - vocabulary: Names of the learned terms by number.
    ///   - replacing: Start anew in an existing index; its commit stays current until the first ``commit()``.
    /// - Throws: ``IndexError``.
    public static func create(
        at directory: String, options: IndexOptions, vocabulary: [String], replacing: Bool = false
    ) throws(IndexError) -> IndexWriter {
        do throws(StorageError) { try Directory.create(directory) } catch { throw .storage(error) }
        let lock = try acquire(directory)
        var generation = 0
        if replacing { generation = try Commit.newest(in: directory).0.generation }
        let writer = IndexWriter(
            directory, lock, options, vocabulary, generation: generation, segments: [], scale: options.learnedScale)
        if !replacing {
            try Commit(
                generation: 1, metadata: options.metadata, learnedScale: options.learnedScale, hasText: options.hasText,
                hasLearned: options.hasLearned, profile: options.profile, segments: []
            ).write(to: directory)
        }
        return writer
    }

    /// Opens an index to add documents.
    /// - Throws: ``IndexError``.
    public static func open(at directory: String, vocabulary: [String]) throws(IndexError) -> IndexWriter {
        guard Directory.exists(directory) else { throw .notAnIndex(path: directory) }
        _ = try Commit.newest(in: directory)  // No lock file where there is no index.
        let lock = try acquire(directory)
        let (commit, segments) = try Commit.newest(in: directory)
        var options = IndexOptions()
        options.metadata = commit.metadata
        options.hasText = commit.hasText
        options.hasLearned = commit.hasLearned
        options.profile = commit.profile
        return IndexWriter(
            directory, lock, options, vocabulary, generation: commit.generation, segments: segments,
            scale: commit.learnedScale)
    }

    private static func acquire(_ directory: String) throws(IndexError) -> FileLock {
        let lock: FileLock?
        do throws(StorageError) { lock = try FileLock(path: directory + "/write.lock") } catch { throw .storage(error) }
        guard let lock else { throw .locked(path: directory) }
        return lock
    }

    private init(
        _ directory: String, _ lock: FileLock, _ options: IndexOptions, _ vocabulary: [String], generation: Int,
        segments: [Segment], scale: Float?
    ) {
        self.directory = directory
        self.lock = lock
        self.options = options
        self.vocabulary = vocabulary
        metadata = options.metadata
        self.scale = scale
        self.generation = max(generation, 1)
        self.segments = segments
        ids = []
        for segment in segments { for docid in 0..<segment.documents { ids.insert(segment.id(docid)) } }
        let names = (try? Directory.names(in: directory)) ?? []
        nextSegment = (names.compactMap { Self.number(of: $0) }.max() ?? 0) + 1
        for name in names where name.hasSuffix(".tmp") { Directory.removeFile(directory + "/" + name) }
    }

    private static func number(of name: String) -> Int? {
        guard name.hasPrefix("seg-") else { return nil }
        return Int(name.dropFirst(4).prefix { $0.isNumber })
    }

    /// Appends names for further term numbers, for vectors whose terms are strings.
    public func appendVocabulary(_ tokens: [String]) { vocabulary.append(contentsOf: tokens) }

    /// Replaces the pairs that the next commit stores.
    public func setMetadata(_ metadata: [String: String]) { self.metadata = metadata }

    /// Whether a document with this id was added, committed or not.
    public func contains(_ id: String) -> Bool { ids.contains(id) }

    /// Documents added so far, committed or not.
    public var documentCount: Int { ids.count }

    /// Buffers documents; a full buffer becomes a segment, still unpublished. A refused document stops the batch before it.
    /// - Throws: ``IndexError``.
    public func add(_ batch: [IndexDocument]) throws(IndexError) {
        for document in batch {
            guard !document.id.isEmpty, !document.id.contains(where: \.isWhitespace) else {
                throw .invalidID(id: document.id)
            }
            guard !ids.contains(document.id) else { throw .duplicateDocument(id: document.id) }
            for (term, weight) in zip(document.terms, document.weights) {
                guard Int(term) < vocabulary.count, weight >= 0, weight.isFinite else {
                    throw .invalidWeight(
                        term: Int(term) < vocabulary.count ? vocabulary[Int(term)] : "#\(term)", weight: weight)
                }
            }
            ids.insert(document.id)
            buffer.add(document)
            if ids.count == Self.scaleSample { chooseScale() }
            if buffer.bytes >= options.flushBytes { try flush() }
        }
    }

    /// Publishes everything added so far.
    /// - Throws: ``IndexError``; the previous commit then stays current.
    @discardableResult public func commit() throws(IndexError) -> IndexSnapshot {
        try flush()
        let commit = Commit(
            generation: generation + 1, metadata: metadata, learnedScale: scale, hasText: options.hasText,
            hasLearned: options.hasLearned, profile: options.profile, segments: segments.map(\.entry))
        try commit.write(to: directory)
        generation = commit.generation
        removeUnreferenced(segments: commit.segments)
        return IndexSnapshot(directory: directory, commit: commit, segments: segments)
    }

    /// Joins segments until at most `maximumSegments` remain. Published by the next ``commit()``.
    /// - Parameter reorder: Whether the joined segment makes similar documents neighbours, which shortens posting lists and
    ///   search; a lone segment that has not been reordered is then written anew too.
    /// - Throws: ``IndexError``.
    public func merge(to maximumSegments: Int, reorder: Bool = true) throws(IndexError) {
        try flush()
        let isUnordered =
            reorder && segments.count == 1
            && segments.allSatisfy { !$0.entry.isReordered && $0.documents >= DocumentOrder.fewestDocuments }
        guard segments.count > max(1, maximumSegments) || isUnordered else { return }
        // The oldest are joined into one; where the posting lists would be too long for a segment, they stay as they are.
        let count = max(1, segments.count - max(1, maximumSegments) + 1)
        for field in Field.allCases {
            let bytes = segments[..<count].reduce(0) { $0 + ($1.fields[field]?.postings.count ?? 0) }
            guard bytes < FieldEncoder.mostPostingBytes else { return }
        }
        let joined = try SegmentMerge(Array(segments[..<count]), profile: options.profile, reorder: reorder)
            .write(to: directory, name: takeName())
        segments.replaceSubrange(..<count, with: [try Segment(directory: directory, entry: joined)])
    }

    private func chooseScale() {
        guard scale == nil, buffer.largestWeight > 0 else { return }
        let most = Float(options.profile.largestImpact)
        // Next to the smallest or the largest float it would become infinite or 0.
        let largest = min(max(buffer.largestWeight, 1e-30), 1e30)
        scale = buffer.hasImpacts && largest <= most ? 1 : most / (1.1 * largest)
    }

    private func takeName() -> String {
        defer { nextSegment += 1 }
        return "seg-\(nextSegment).safetensors"
    }

    private func flush() throws(IndexError) {
        guard !buffer.isEmpty else { return }
        var fields: [FieldEncoder] = []
        var (clipped, dropped) = (0, 0)
        if options.hasText { fields.append(buffer.textField()) }
        if options.hasLearned {
            chooseScale()
            let learned = buffer.learnedField(vocabulary: vocabulary, scale: scale ?? 1, profile: options.profile)
            (clipped, dropped) = (learned.clipped, learned.dropped)
            fields.append(learned.field)
        }
        let entry: SegmentEntry
        do throws(StorageError) {
            entry = try SegmentFile.write(
                to: directory, name: takeName(), ids: buffer.ids, lengths: buffer.lengths, fields: fields,
                words: buffer.words, documentsWithText: buffer.documentsWithText, clipped: clipped, dropped: dropped)
        } catch { throw .storage(error) }
        segments.append(try Segment(directory: directory, entry: entry))
        buffer = SegmentBuffer()
    }

    /// Removes what neither this commit nor the one before names.
    private func removeUnreferenced(segments kept: [SegmentEntry]) {
        var names = Set(kept.map(\.file))
        let previous = directory + "/" + Commit.name(generation - 1)
        if let commit = try? Commit.read(previous) { names.formUnion(commit.segments.map(\.file)) }
        for name in (try? Directory.names(in: directory)) ?? [] {
            let isOldCommit = Commit.generation(of: name).map { $0 < generation - 1 } ?? false
            let isOldSegment = name.hasPrefix("seg-") && !names.contains(name)
            if isOldCommit || isOldSegment { Directory.removeFile(directory + "/" + name) }
        }
    }
}
