import ByteStrings
import FileStorage

/// What can be read of an index that may be damaged, under its write lock; nothing is changed.
public struct SalvagedIndex: Sendable {
    /// A document whose id can be read.
    public struct Document: Sendable {
        /// External id.
        public let id: String
        /// Its place in the segment.
        public let docid: UInt32
        /// Its row in the segment's texts.
        public let row: UInt32
    }

    /// What is left of a segment.
    public struct Part: Sendable {
        /// Whether the segment's own file, postings included, is what was written.
        public var isSound: Bool { segment != nil }
        /// Where its texts should be, whether or not they are there; nil where none are kept.
        public let texts: SegmentTexts?
        /// What the commit says of them.
        public let textsEntry: SegmentEntry.Texts?
        /// Documents that live and whose ids can be read.
        public let documents: [Document]
        /// Documents that live and whose ids cannot be read.
        public let unnamed: Int
        let segment: Segment?
        let live: LiveDocuments?
    }

    /// The index's directory.
    public var directory: String { lock.directory }
    /// The newest commit that can be read.
    public var generation: Int { commit.generation }
    /// Pairs that the writer stored.
    public var metadata: [String: String] { commit.metadata }
    /// The segments, oldest first.
    public private(set) var parts: [Part] = []
    /// What is damaged, texts apart.
    public private(set) var findings: [IndexFinding] = []
    /// What was taken in the place of something damaged, a sentence each.
    public private(set) var notes: [String] = []
    let lock: WriteLock
    let commit: Commit

    /// Reads the newest commit that can be read.
    /// - Throws: ``IndexError``: there is no index, no commit of it can be read, or the reason lies outside of its files.
    public init(_ lock: WriteLock) throws(IndexError) {
        self.lock = lock
        let directory = lock.directory
        let numbers = try IndexFolder(directory).commits
        guard !numbers.isEmpty else { throw .notAnIndex(path: directory) }
        var commits: [Commit] = []
        var first: IndexError?
        for number in numbers {
            do throws(IndexError) {
                commits.append(try Commit.read(directory + "/" + IndexFile.commit(named: number)))
            } catch {
                guard let finding = IndexFinding(error) else {
                    // The commit before an upgrade is none to fall back to.
                    if case .otherFormat = error, !commits.isEmpty { continue }
                    throw error
                }
                if commits.isEmpty { findings.append(finding) }
                first = first ?? error
            }
        }
        guard let newest = commits.first else { throw first ?? .notAnIndex(path: directory) }
        commit = newest
        if let damaged = numbers.first, damaged != newest.generation {
            notes.append(
                "commit \(damaged) cannot be read; what it added or deleted is not known, and commit \(newest.generation) is taken."
            )
        }
        for entry in newest.segments { parts.append(try part(entry, commits)) }
        hideOlderVersions()
    }

    private mutating func part(_ entry: SegmentEntry, _ commits: [Commit]) throws(IndexError) -> Part {
        var whole = entry
        whole.live = nil
        var segment: Segment?
        var packed: SegmentTexts?
        var ids: SegmentIDs?
        do throws(IndexError) {
            let opened = try Segment(directory: directory, entry: whole, textsMayDiffer: true)
            packed = opened.texts
            ids = SegmentIDs(opened)
            try opened.verify()
            segment = opened
        } catch {
            guard let finding = IndexFinding(error) else { throw error }
            findings.append(finding)
            if ids == nil { ids = try SegmentIDs(entry, in: directory) }
        }
        var live = try live(entry, commits)
        if let opened = segment {
            let path = directory + "/" + entry.file
            let found = SegmentCheck(opened, live, commit, in: directory).run()
            findings += found
            if found.contains(where: { $0.file == path }) {
                segment = nil
            } else if !found.isEmpty, let hidden = live?.documents.hiddenDocids {
                live = try LiveDocuments(opened, nil, hiding: hidden)
            }
        }
        var documents: [Document] = []
        var unnamed = ids == nil ? live?.documents.count ?? entry.live?.documents ?? entry.documents : 0
        for (docid, (id, row)) in zip(ids?.ids ?? [], ids?.rows ?? []).enumerated()
        where live?.documents.contains(UInt32(docid)) ?? true {
            if let id {
                documents.append(Document(id: id, docid: UInt32(docid), row: row))
            } else {
                unnamed += 1
            }
        }
        var texts = entry.texts.map {
            SegmentTexts(path: directory + "/" + $0.file, rows: entry.documents, identity: $0.identity)
        }
        if entry.packedTexts != nil { texts = packed }
        return Part(
            texts: texts, textsEntry: entry.texts, documents: documents, unnamed: unnamed, segment: segment, live: live)
    }

    /// The documents of a segment that live: as the newest commit says, or one before it, or all of them.
    private mutating func live(_ entry: SegmentEntry, _ commits: [Commit]) throws(IndexError) -> LiveDocuments? {
        guard let wanted = entry.live else { return nil }
        do throws(StorageError) { return try LiveDocuments(wanted, of: entry, in: directory) } catch {
            let error = Segment.translated(error, directory + "/" + wanted.file)
            guard let finding = IndexFinding(error) else { throw error }
            findings.append(finding)
        }
        for commit in commits.dropFirst() {
            guard let older = commit.segments.first(where: { $0.file == entry.file })?.live, older != wanted,
                let live = try Self.whole(older, entry, in: directory)
            else { continue }
            notes.append(
                "'\(wanted.file)' is damaged and '\(older.file)' is taken: up to \(live.documents.count - wanted.documents) "
                    + "deleted or replaced documents of '\(entry.file)' come back.")
            return live
        }
        notes.append(
            "'\(wanted.file)' is damaged: up to \(entry.documents - wanted.documents) deleted or replaced documents of "
                + "'\(entry.file)' come back.")
        return nil
    }

    /// nil for a damaged file.
    private static func whole(
        _ live: SegmentEntry.Live, _ entry: SegmentEntry, in directory: String
    ) throws(IndexError) -> LiveDocuments? {
        do throws(StorageError) { return try LiveDocuments(live, of: entry, in: directory) } catch {
            guard IndexFinding(.storage(error)) != nil else { throw .storage(error) }
            return nil
        }
    }

    /// Of documents with one id, which a lost file of live documents brings back, the newest version stays.
    private mutating func hideOlderVersions() {
        var seen: Set<ByteString> = []
        for place in parts.indices.reversed() {
            let part = parts[place]
            var hidden: Set<UInt32> = []
            // Within a segment the later row is the newer version.
            for document in part.documents.sorted(by: { $0.row > $1.row })
            where !seen.insert(ByteString(document.id)).inserted { hidden.insert(document.docid) }
            guard !hidden.isEmpty else { continue }
            var live = part.live
            if let segment = part.segment {
                guard let hiding = try? LiveDocuments(segment, part.live, hiding: hidden.sorted()) else { continue }
                live = hiding
            }
            parts[place] = Part(
                texts: part.texts, textsEntry: part.textsEntry,
                documents: part.documents.filter { !hidden.contains($0.docid) }, unnamed: part.unnamed,
                segment: part.segment, live: live)
        }
    }

    /// The commits before the one that was read which are not whole.
    /// - Throws: ``IndexError`` when the reason lies outside of their files.
    public func damagedOlderCommits() throws(IndexError) -> [IndexFinding] {
        var found: [IndexFinding] = []
        for number in try IndexFolder(directory).commits where number < generation {
            do throws(IndexError) { try IndexSnapshot.open(directory, generation: number).verifyChecksums() } catch {
                if let finding = IndexFinding(error) { found.append(finding) }
            }
        }
        return found
    }

    /// Removes every commit but the newest, except those that a reader holds, with what only they name.
    /// - Returns: What could not be made sure of, as a sentence.
    public func removeOlderCommits() throws(IndexError) -> String? {
        for number in try IndexFolder(directory).commits.dropFirst() {
            _ = SharedFile.remove(directory + "/" + IndexFile.commit(named: number))
        }
        return Garbage.collect(lock)
    }
}
