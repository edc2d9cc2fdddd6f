import FileStorage

/// Segments that are being joined while the writer goes on: a value that reads them and writes one file of its own.
///
/// ```swift
/// if let task = try await writer.beginMerge(reorder: true) {
///     let merged = try task.run()  // on any thread; documents may be added, deleted and committed meanwhile
///     try await writer.adopt(merged)
/// }
/// ```
public struct MergeTask: Sendable {
    let parts: [SegmentView]
    let number: Int
    fileprivate let directory: String
    fileprivate let permissions: UInt32?
    fileprivate let profile: IndexProfile
    fileprivate let reorder: Bool
    /// Bytes that it may take to put documents in order.
    fileprivate let memory: Int
    fileprivate let texts: (any SegmentTextsWriter)?
    fileprivate let packs: Bool

    /// Documents that are joined.
    public var documents: Int { parts.reduce(0) { $0 + $1.count } }

    var files: [String] {
        [IndexFile.segment(named: number), IndexFile.packed(named: number), IndexFile.texts(named: number)]
    }

    /// Reads, compares with checksums, joins and writes; published by the commit after ``IndexWriter/adopt(_:)``.
    /// - Throws: ``IndexError``; tell the writer with ``IndexWriter/giveUp(_:)`` then.
    /// - Complexity: O(postings × log segments) time.
    public func run() throws(IndexError) -> MergedSegment {
        // A lone segment keeps its texts: rows are where they were, whatever the order of the documents.
        let keepsTexts = parts.count == 1 && parts[0].hidden == 0 && parts[0].segment.entry.packedTexts == nil
        if !keepsTexts { for part in parts { try part.segment.verifyTexts() } }
        let merge = try SegmentMerge(parts, profile: profile, reorder: reorder, memory: memory)
        let path = directory + "/" + IndexFile.texts(named: number)
        var joined: WrittenTexts?
        var entry = try merge.write(
            to: directory, name: IndexFile.segment(named: number), permissions: permissions,
            packs: packs && !(keepsTexts && parts[0].segment.entry.texts != nil)
        ) { (packs) throws(IndexError) in
            guard !keepsTexts, let texts else { return nil }
            let parts = parts.compactMap(\.segment.texts)
            joined = try texts.join(parts, rows: merge.rows, to: path + ".tmp", packs: packs)
            return joined
        }
        if keepsTexts {
            entry.texts = parts[0].segment.entry.texts
        } else if let joined, joined.packed == nil {
            entry.texts = try SegmentEntry.Texts(adopting: path, identity: joined.identity, permissions: permissions)
        }
        let segment = try Segment(directory: directory, entry: entry)
        // A build reads little more of it than ids.
        if entry.bytes > memory / 16 { segment.releasePages() }
        return MergedSegment(task: self, segment: segment)
    }
}

/// What a ``MergeTask`` made.
public struct MergedSegment: Sendable {
    let task: MergeTask
    let segment: Segment
}

extension IndexWriter {
    /// What is to be joined next, as ``MergePolicy`` says; nil when the segments may stay as they are, or are being joined.
    ///
    /// One at a time. What is buffered is no part of it.
    public func beginMerge(reorder: Bool) -> MergeTask? {
        guard !isMerging else { return nil }
        dropDeleted()
        // Beside a buffer that is being filled.
        guard let range = nextMerge(share: 2), fits(segments[range], share: 2) else { return nil }
        return begin(range, reorder: reorder)
    }

    /// Takes a joined segment in the place of its parts; what was deleted from them meanwhile is deleted from it. Published by
    /// the next ``commit()``.
    /// - Throws: ``IndexError``.
    public func adopt(_ merged: MergedSegment) throws(IndexError) {
        defer { end(merged.task) }
        let segment = merged.segment
        var hidden: [UInt32] = []
        let present = Set(segments.map(\.entry.file))
        for part in merged.task.parts {
            let now = live[part.segment.entry.file]?.documents
            // A segment of which nothing lives any more has been dropped by a commit, and what was known of it, too.
            let isDropped = !present.contains(part.segment.entry.file)
            guard isDropped || now.map({ $0.hidden > part.hidden }) ?? false else { continue }
            let docids = isDropped ? Array(0..<UInt32(part.segment.documents)) : now?.hiddenDocids ?? []
            for docid in docids where part.documents?.contains(docid) ?? true {
                guard let place = segment.docid(of: part.segment.externalID(docid)) else { continue }
                hidden.append(UInt32(place))
            }
        }
        let gone = Set(merged.task.parts.map(\.segment.entry.file))
        // A part of which nothing was left may have gone already.
        let place = segments.firstIndex { gone.contains($0.entry.file) } ?? segments.endIndex
        let state = hidden.isEmpty ? nil : try LiveDocuments(segment, nil, hiding: hidden.sorted())
        segments.removeAll { gone.contains($0.entry.file) }
        segments.insert(segment, at: min(place, segments.endIndex))
        for file in gone { live[file] = nil }
        live[segment.entry.file] = state
    }

    /// Says that a task came to nothing.
    public func giveUp(_ task: MergeTask) { end(task) }

    /// Joins segments until at most `maximumSegments` remain, and leaves out what was deleted. Published by the next ``commit()``.
    /// - Parameter reorder: Whether the joined segment makes similar documents neighbours, which shortens posting lists and
    ///   search; a lone segment that has not been reordered is then written anew too.
    /// - Returns: Whether anything was joined.
    /// - Throws: ``IndexError``.
    @discardableResult public func merge(to maximumSegments: Int, reorder: Bool = true) throws(IndexError) -> Bool {
        precondition(!isMerging, "segments are being joined beside this")
        // What becomes the only segment is written once, in its final order.
        try flush(reorder: reorder && segments.isEmpty && buffer.hidden.isEmpty)
        dropDeleted()
        var hasJoined = false
        // The oldest are joined into one, or into as few as there may be.
        let count = max(1, segments.count - max(1, maximumSegments) + 1)
        let isUnordered =
            reorder && segments.count == 1
            && segments.allSatisfy { !$0.entry.isReordered && $0.documents >= DocumentOrder.fewestDocuments }
        if segments.count > max(1, maximumSegments) || isUnordered, fits(segments[..<count]) {
            try join(0..<count, reorder: reorder)
            hasJoined = true
        } else if count > 1 {
            for group in groups(count).reversed() where group.count > 1 {
                try join(group, reorder: reorder)
                hasJoined = true
            }
        }
        for place in segments.indices where live[segments[place].entry.file] != nil {
            try join(place..<place + 1, reorder: reorder && segments[place].entry.isReordered)
            hasJoined = true
        }
        return hasJoined
    }

    /// Joins segments as ``MergePolicy`` says, so that their number stays logarithmic. Published by the next ``commit()``.
    /// - Returns: Whether anything was joined.
    /// - Throws: ``IndexError``.
    @discardableResult public func mergeAsNeeded(reorder: Bool) throws(IndexError) -> Bool {
        precondition(!isMerging, "segments are being joined beside this")
        try flush()
        dropDeleted()
        var hasJoined = false
        while let range = nextMerge(), fits(segments[range]) {
            try join(range, reorder: reorder)
            hasJoined = true
        }
        return hasJoined
    }

    /// What ``MergePolicy`` says of the segments behind the oldest ones that have grown as far as they may, or whose impacts have
    /// another scale than those of the youngest.
    private func nextMerge(share: Int = 1) -> Range<Int>? {
        let alike =
            Self.haveOneScale(segments[...])
            ? segments.count : segments.indices.reversed().prefix { Self.haveOneScale(segments[$0...]) }.count
        let full = segments.indices.prefix {
            $0 < segments.count - alike || !fits([segments[$0], segments[$0]], share: share)
        }.count
        let young = segments[full...]
        let counts = young.map { living($0) }
        let next = MergePolicy.next(counts, deleted: zip(young, counts).map { $0.documents - $1 })
        guard let next else { return nil }
        var range = full + next.lowerBound..<full + next.upperBound
        while range.count > 2, !fits(segments[range], share: share) { range = range.dropFirst() }
        return range
    }

    /// The oldest segments in groups of neighbours that can be joined.
    private func groups(_ count: Int) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        for place in 0..<count {
            if let last = groups.last, fits(segments[last.lowerBound...place]) {
                groups[groups.count - 1] = last.lowerBound..<place + 1
            } else {
                groups.append(place..<place + 1)
            }
        }
        return groups
    }

    private func begin(_ range: Range<Int>, reorder: Bool) -> MergeTask {
        let parts = segments[range].map { SegmentView(segment: $0, documents: live[$0.entry.file]?.documents) }
        let task = MergeTask(
            parts: parts, number: nextNumber(), directory: directory, permissions: permissions,
            profile: options.profile,
            reorder: reorder, memory: options.workBytes * 3 / 4, texts: texts, packs: packs)
        lock.begin(task.files)
        isMerging = true
        return task
    }

    private func end(_ task: MergeTask) {
        lock.end(task.files)
        isMerging = false
    }

    private func join(_ range: Range<Int>, reorder: Bool) throws(IndexError) {
        let task = begin(range, reorder: reorder)
        do throws(IndexError) { try adopt(task.run()) } catch {
            end(task)
            throw error
        }
    }

    /// Whether impacts of these segments mean the same; those of joined indexes need not.
    private static func haveOneScale(_ segments: ArraySlice<Segment>) -> Bool {
        Set(segments.filter(\.hasImpacts).compactMap(\.entry.scale)).count <= 1
    }

    /// Whether the segments can become one without a change of any impact: the offsets would surely stay within 32 bits, and the
    /// making within a share of the memory.
    private func fits(_ segments: ArraySlice<Segment>, share: Int = 1) -> Bool {
        guard Self.haveOneScale(segments) else { return false }
        func sum(_ bytes: (Segment) -> Int) -> Bool {
            segments.reduce(0) { $0 + bytes($1) } < FieldWriter.mostPostingBytes
        }
        return sum(\.idBytesCount) && sum { $0.passages?.count ?? 0 }
            && Field.allCases.allSatisfy { field in
                sum { unsafe $0.fields[field]?.postings.count ?? 0 } && sum { $0.fields[field]?.termByteCount ?? 0 }
            } && (!options.joinsWithinMemory || Self.joiningBytes(segments) <= options.workBytes / share)
    }

    /// About what joining takes: documents change their numbers, and the dictionary is kept until it is written.
    private static func joiningBytes(_ segments: ArraySlice<Segment>) -> Int {
        let documents = segments.reduce(0) { $0 + $1.documents }
        let terms = Field.allCases.reduce(0) { sum, field in
            // Vocabularies grow with a root of the documents (Heaps' law).
            let most =
                segments.map { (terms: $0.fields[field]?.terms ?? 0, documents: $0.documents) }
                .max { $0.terms < $1.terms } ?? (0, 1)
            return sum + Int(Double(most.terms) * (Double(documents) / Double(max(1, most.documents))).squareRoot())
        }
        // Where each passage lies.
        let passages = segments.reduce(0) { $0 + ($1.passages?.count ?? 0) }
        return 80 * documents + 80 * terms + 16 * passages
    }
}
