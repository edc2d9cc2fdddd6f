import FileStorage

/// An index of format 3: one store of texts beside the segments, checksums of whole files. It is read to be converted.
public struct FormerIndex: Sendable {
    let commit: Commit
    let segments: [Segment]

    /// Pairs that its writer stored.
    public var metadata: [String: String] { commit.metadata }

    /// Opens the newest commit and compares every segment with its checksum.
    /// - Throws: ``IndexError``; ``IndexError/otherFormat(path:found:supported:)`` when the index is not of format 3.
    public init(_ lock: WriteLock) throws(IndexError) {
        let directory = lock.directory
        guard let generation = try IndexFolder(directory).commits.first else { throw .notAnIndex(path: directory) }
        let path = directory + "/" + IndexFile.commit(named: generation)
        let commit = try Commit.read(path, format: Commit.formerFormat)
        self.commit = commit
        var segments: [Segment] = []
        for entry in commit.segments {
            segments.append(try Segment(directory: directory, entry: entry, isFormer: true))
        }
        self.segments = segments
    }
}

extension IndexWriter {
    /// Writes an index of format 3 anew in this version's format, in one commit: a kill before it leaves the old index, and
    /// scores and order stay as they are.
    /// - Parameters:
    ///   - metadata: What the new commit stores.
    ///   - stored: The texts of some ids, in their order.
    /// - Returns: The index, and what could not be made sure of.
    /// - Throws: ``IndexError``.
    public static func convert(
        _ former: FormerIndex, _ lock: WriteLock, metadata: [String: String], texts: some SegmentTextsWriter,
        stored: (_ ids: [String]) throws(IndexError) -> [StoredText]
    ) throws(IndexError) -> (snapshot: IndexSnapshot, warning: String?) {
        let directory = lock.directory
        let folder = try IndexFolder(directory)
        let permissions = try permissions(of: former.commit.generation, in: directory)
        var number = folder.nextSegment
        var commit = former.commit
        commit.format = Commit.format
        commit.generation += 1
        commit.metadata = metadata
        commit.segments = []
        var segments: [Segment] = []
        for segment in former.segments {
            let names = (segment: IndexFile.segment(named: number), texts: IndexFile.texts(named: number))
            lock.willMake(names.segment)
            lock.willMake(names.texts)
            var entry = try SegmentMerge(
                [SegmentView(segment: segment, documents: nil)], profile: commit.profile, reorder: false
            ).write(
                to: directory, name: names.segment, permissions: permissions)
            let path = directory + "/" + names.texts
            for start in stride(from: 0, to: segment.documents, by: 512) {
                let ids = (start..<min(start + 512, segment.documents)).map { segment.id($0) }
                try texts.append(try stored(ids), to: path + ".tmp")
            }
            entry.texts = try .init(adopting: path, identity: try texts.finish(), permissions: permissions)
            entry.scale = commit.hasLearned ? commit.learnedScale : nil
            segments.append(try Segment(directory: directory, entry: entry))
            commit.segments.append(entry)
            number += 1
        }
        return try commit.publish(
            lock, segments, live: segments.map { _ in nil }, permissions: permissions)
    }
}
