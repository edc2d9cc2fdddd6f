import ByteStrings
import FileStorage

/// Adds documents to an index: buffered, then written as segments, then published by a commit.
///
/// One writer per index, held by a lock. Nothing is visible before ``commit()``, and a crash at any point leaves the
/// last commit whole:
///
/// 1. a segment and its texts are written as `.tmp`, synced and renamed;
/// 2. the directory is synced, so that their names are durable;
/// 3. the commit's file is written as `.tmp`, synced and renamed: this is the commit; the directory is synced again;
/// 4. what no commit names any more is removed.
///
/// Files that are not committed when the writer goes are removed with it; what a killed one leaves, the next one removes.
public actor IndexWriter {
    /// Documents that the learned impacts' scale is chosen from, unless a commit comes first.
    public static let scaleSample = 512

    let directory: String
    let lock: WriteLock
    let options: IndexOptions
    let texts: (any SegmentTextsWriter)?
    /// Whether small segments are packed, with their texts in one file.
    let packs: Bool
    private var vocabulary: [String]
    private var metadata: [String: String]
    private var scale: Float?
    private var norms: VectorNorms?
    /// Documents added, whatever became of them.
    private var taken: Int
    var generation: Int
    var segments: [Segment]
    /// What is left of the segments from which documents were deleted, by file name.
    var live: [String: LiveDocuments] = [:]
    var buffer: SegmentBuffer
    /// The number of the segment that is being filled.
    var number: Int
    /// The next one after all that are taken.
    private var numbers: Int
    /// Ids that were looked up since pages were let go, and after how many they are.
    private var lookedUp = 0
    private static let mostLookedUp = 1 << 14
    /// Whether segments are being joined beside the writer.
    var isMerging = false
    /// Who may read new files: whoever could read the ones before.
    let permissions: UInt32?
    /// Sentences about what could not be made sure of beside the commits.
    public private(set) var warnings: [String] = []

    /// Begins an index, whose first commit makes it one.
    /// - Parameters:
    ///   - vocabulary: Names of the learned terms by number.
    ///   - texts: Writes the documents' texts; nil keeps none.
    ///   - replacing: Start anew in an existing index; its commit stays current until the first ``commit()``.
    /// - Throws: ``IndexError``.
    public static func create(
        at directory: String, options: IndexOptions, vocabulary: [String], texts: (any SegmentTextsWriter)? = nil,
        replacing: Bool = false
    ) throws(IndexError) -> IndexWriter {
        try create(WriteLock(directory), options: options, vocabulary: vocabulary, texts: texts, replacing: replacing)
    }

    /// The same with the lock taken before.
    /// - Throws: ``IndexError``.
    public static func create(
        _ lock: WriteLock, options: IndexOptions, vocabulary: [String], texts: (any SegmentTextsWriter)? = nil,
        replacing: Bool = false
    ) throws(IndexError) -> IndexWriter {
        let folder = try IndexFolder(lock.directory)
        guard replacing || folder.commits.isEmpty else { throw .alreadyAnIndex(path: lock.directory) }
        var permissions: UInt32?
        if let newest = folder.commits.first { permissions = try Self.permissions(of: newest, in: lock.directory) }
        Garbage.removeLeftovers(in: lock.directory)
        let left = Garbage.collect(lock)
        return IndexWriter(
            lock, options, vocabulary, texts, generation: folder.commits.first ?? 0, segments: [],
            live: [], scale: options.learnedScale, number: folder.nextSegment, permissions: permissions, warning: left)
    }

    /// Opens an index to add documents.
    /// - Parameter packs: As below.
    /// - Throws: ``IndexError``.
    public static func open(
        at directory: String, vocabulary: [String], texts: (any SegmentTextsWriter)? = nil, memoryBytes: Int? = nil,
        packs: Bool = false
    ) throws(IndexError) -> IndexWriter {
        // No lock file where there is no index; what is read here is read again under the lock.
        guard try !IndexFolder(directory).commits.isEmpty else { throw .notAnIndex(path: directory) }
        return try open(
            WriteLock(directory), vocabulary: vocabulary, texts: texts, memoryBytes: memoryBytes, packs: packs)
    }

    /// The same with the lock taken before.
    /// - Parameter packs: Whether small segments are packed into one file each, which makes commits of a few documents cheap. An
    ///   index with such a segment is of format 5 until it is merged.
    /// - Throws: ``IndexError``.
    public static func open(
        _ lock: WriteLock, vocabulary: [String], texts: (any SegmentTextsWriter)? = nil,
        memoryBytes: Int? = nil, packs: Bool = false
    ) throws(IndexError) -> IndexWriter {
        let opened = try OpenCommit.open(lock.directory)
        let left = Garbage.collect(lock)
        var options = IndexOptions()
        if let memoryBytes { (options.memoryBytes, options.joinsWithinMemory) = (memoryBytes, true) }
        options.metadata = opened.commit.metadata
        options.hasText = opened.commit.hasText
        options.hasLearned = opened.commit.hasLearned
        options.profile = opened.commit.profile
        options.norms = opened.commit.norms
        options.storesVectors = opened.commit.storesVectors ?? false
        return IndexWriter(
            lock, options, vocabulary, texts, generation: opened.commit.generation, segments: opened.segments,
            live: opened.live, scale: opened.commit.learnedScale, number: try IndexFolder(lock.directory).nextSegment,
            permissions: try permissions(of: opened.commit.generation, in: lock.directory), packs: packs, warning: left)
    }

    /// Who may read a commit, and so the files that come beside it.
    static func permissions(of generation: Int, in directory: String) throws(IndexError) -> UInt32 {
        do throws(StorageError) {
            return try Directory.permissions(of: directory + "/" + IndexFile.commit(named: generation))
        } catch { throw .storage(error) }
    }

    init(
        _ lock: WriteLock, _ options: IndexOptions, _ vocabulary: [String], _ texts: (any SegmentTextsWriter)?,
        generation: Int, segments: [Segment], live: [LiveDocuments?], scale: Float?, number: Int, permissions: UInt32?,
        packs: Bool = false, warning: String? = nil
    ) {
        directory = lock.directory
        self.lock = lock
        self.options = options
        self.vocabulary = vocabulary
        self.texts = texts
        self.packs = packs
        metadata = options.metadata
        self.scale = scale
        norms = options.norms
        buffer = SegmentBuffer(scale: scale, norms: options.norms, profile: options.profile)
        taken = segments.reduce(0) { $0 + $1.documents }
        self.generation = generation
        self.segments = segments
        for (segment, live) in zip(segments, live) { self.live[segment.entry.file] = live }
        self.number = number
        numbers = number + 1
        self.permissions = permissions
        if let warning { warnings.append(warning) }
        lock.willMake(IndexFile.texts(named: number))
    }

    /// Appends names for further term numbers, for vectors whose terms are strings.
    public func appendVocabulary(_ tokens: [String]) { vocabulary.append(contentsOf: tokens) }

    /// Replaces the pairs that the next commit stores.
    public func setMetadata(_ metadata: [String: String]) { self.metadata = metadata }

    /// Whether there is a document with this id, committed or not.
    /// - Complexity: O(segments × log documents).
    public func contains(_ id: String) -> Bool { buffer.contains(id) || find(id) != nil }

    /// Where documents with these ids stand in the order in which documents were added, committed or not; nil for those that are not
    /// there. Deleted documents count until they are merged away, in `total` too: from the end, places stay what they are.
    /// - Complexity: O(ids × segments × log documents).
    public func positions(of ids: [String]) -> (positions: [Int?], total: Int) {
        releaseLookedUp(ids.count)
        let positions = ids.map { id -> Int? in
            var before = 0
            for segment in segments {
                if let docid = segment.docid(of: id, among: live[segment.entry.file]?.documents) {
                    return before + Int(segment.row(docid))
                }
                before += segment.documents
            }
            return buffer.number(of: id).map { before + $0 }
        }
        return (positions, segments.reduce(buffer.documents) { $0 + $1.documents })
    }

    /// Lets go of the pages that ids were looked up in, now and then, where all of them take much of the memory.
    private func releaseLookedUp(_ ids: Int) {
        lookedUp += ids
        guard lookedUp >= Self.mostLookedUp else { return }
        lookedUp = 0
        guard segments.reduce(0, { $0 + $1.entry.bytes }) > options.workBytes / 8 else { return }
        for segment in segments { segment.releasePages() }
    }

    /// Which of the documents there are, committed or not.
    public func contains(_ ids: [String]) -> [Bool] { ids.map { contains($0) } }

    /// Documents that there are, committed or not.
    public var documentCount: Int {
        segments.reduce(buffer.count) { $0 + living($1) }
    }

    /// Segments, published or not.
    public var segmentCount: Int { segments.count }

    /// Bytes of the segments and their texts, published or not.
    public var bytes: Int { segments.reduce(0) { $0 + $1.entry.bytes + ($1.entry.texts?.bytes ?? 0) } }

    /// The number of the newest commit; 0 before the first.
    public var newestCommit: Int { generation }

    /// Buffers documents; a full buffer becomes a segment, still unpublished. A batch with a refused document adds nothing.
    /// - Parameter areNew: Whether the caller has asked for their ids; only each other are they compared with then.
    /// - Throws: ``IndexError``.
    public func add(_ batch: [IndexDocument], areNew: Bool = false) throws(IndexError) {
        if !areNew { for document in batch where contains(document.id) { throw .duplicateDocument(id: document.id) } }
        try append(batch)
    }

    /// Buffers documents of which there is none yet, or none any more.
    func append(_ batch: [IndexDocument], replacing: Bool = false) throws(IndexError) {
        var fresh: Set<ByteString> = []
        for document in batch {
            guard !document.id.isEmpty, !document.id.contains(where: \.isWhitespace) else {
                throw .invalidID(id: document.id)
            }
            guard fresh.insert(ByteString(document.id)).inserted else { throw .duplicateDocument(id: document.id) }
            try check(document.terms, document.weights)
            for passage in document.passages { try check(passage.terms, passage.weights) }
        }
        let hiding = try replacing ? hiding(batch.map(\.id)) : Hiding()
        try texts?.append(batch.map(\.texts), to: directory + "/" + IndexFile.texts(named: number) + ".tmp")
        // Nothing fails from here on: the old version goes with the new one.
        hide(hiding)
        for document in batch {
            buffer.add(document)
            taken += 1
            if taken == Self.scaleSample { chooseScale() }
        }
        if buffer.bytes >= options.bufferBytes { try flush() }
    }

    private func check(_ terms: [UInt32], _ weights: [Float]) throws(IndexError) {
        for (term, weight) in zip(terms, weights) {
            guard Int(term) < vocabulary.count, weight >= 0, weight.isFinite else {
                throw .invalidWeight(
                    term: Int(term) < vocabulary.count ? vocabulary[Int(term)] : "#\(term)", weight: weight)
            }
        }
    }

    /// Publishes everything added so far.
    /// - Parameter keepsFormer: Whether the commit before this one is kept, with all its files, until the next one.
    /// - Throws: ``IndexError``; the previous commit then stays current. What fails after the commit has been made is said in
    ///   ``warnings``.
    @discardableResult public func commit(keepsFormer: Bool = true) throws(IndexError) -> IndexSnapshot {
        try flush()
        let left = try writeLive()
        let commit = Commit(
            format: Commit.format(of: left.entries, hasPassages: segments.contains { $0.passages != nil }),
            generation: generation + 1, metadata: metadata,
            learnedScale: scale, norms: norms, hasText: options.hasText, hasLearned: options.hasLearned,
            profile: options.profile, storesVectors: options.storesVectors ? true : nil, segments: left.entries)
        let (snapshot, warning) = try commit.publish(
            lock, segments, live: left.live, permissions: permissions, keepsFormer: keepsFormer)
        lock.willMake(IndexFile.texts(named: number))
        // What could not be removed at the beginning often cannot be now, for the same reason.
        if let warning, !warnings.contains(warning) { warnings.append(warning) }
        generation = commit.generation
        return snapshot
    }

    private func chooseScale() {
        guard buffer.isWaiting, buffer.largestWeight > 0 else { return }
        if let norms, norms.mean == nil, let mean = buffer.meanNorm {
            self.norms = norms.with(mean: mean)
            buffer.setNorms(norms.with(mean: mean))
        }
        if let scale { return buffer.setScale(scale) }
        let most = Float(options.profile.largestImpact)
        // Next to the smallest or the largest float it would become infinite or 0.
        let largest = min(max(buffer.largestWeight, 1e-30), 1e30)
        let chosen = buffer.hasImpacts && largest <= most ? 1 : most / (1.1 * largest)
        scale = chosen
        buffer.setScale(chosen)
    }

    /// The number of the segment that was filled, to write it now; another one is filled next.
    func takeNumber() -> Int {
        defer { number = nextNumber() }
        lock.willMake(IndexFile.segment(named: number))
        if packs { lock.willMake(IndexFile.packed(named: number)) }
        lock.willMake(IndexFile.texts(named: numbers))
        return number
    }

    /// A number that no segment has.
    func nextNumber() -> Int {
        defer { numbers += 1 }
        return numbers
    }

    private func adopt(_ path: String, _ identity: UInt32) throws(IndexError) -> SegmentEntry.Texts {
        try SegmentEntry.Texts(adopting: path, identity: identity, permissions: permissions)
    }

    /// Writes what is buffered as a segment.
    /// - Parameter reorder: Whether similar documents become neighbours.
    func flush(reorder: Bool = false) throws(IndexError) {
        guard !buffer.isEmpty else { return }
        let number = takeNumber()
        if options.hasLearned {
            chooseScale()
            // Without a single weight there is nothing to scale.
            if scale == nil { buffer.setScale(1) }
        }
        var written: WrittenTexts?
        let texts = texts
        var entry = try buffer.write(
            to: directory, name: IndexFile.segment(named: number), permissions: permissions, vocabulary: vocabulary,
            options: options, reorder: reorder, packs: packs
        ) { (packs) throws(IndexError) in
            written = try texts?.finish(packs: packs)
            return written
        }
        entry.scale = options.hasLearned ? scale : nil
        if let written, written.packed == nil {
            entry.texts = try adopt(directory + "/" + IndexFile.texts(named: number), written.identity)
        }
        let hidden = buffer.hidden
        buffer = SegmentBuffer(scale: scale, norms: norms, profile: options.profile)
        let segment = try Segment(directory: directory, entry: entry)
        // A build reads little more of it than ids.
        if entry.bytes > options.memoryBytes / 16 { segment.releasePages() }
        segments.append(segment)
        if !hidden.isEmpty { live[entry.file] = try LiveDocuments(segment, nil, hiding: hidden.sorted()) }
    }
}
