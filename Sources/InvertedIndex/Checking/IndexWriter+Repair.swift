import FileStorage

extension IndexWriter {
    /// A writer that begins with nothing of a damaged index but its settings; the next commit is newer than all that are there.
    /// - Throws: ``IndexError``.
    public static func repairing(
        _ index: SalvagedIndex, vocabulary: [String], texts: any SegmentTextsWriter
    ) throws(IndexError) -> IndexWriter {
        let folder = try IndexFolder(index.directory)
        var options = IndexOptions()
        options.metadata = index.metadata
        options.hasText = index.commit.hasText
        options.hasLearned = index.commit.hasLearned
        options.profile = index.commit.profile
        options.norms = index.commit.norms
        options.storesVectors = index.commit.storesVectors ?? false
        return IndexWriter(
            index.lock, options, vocabulary, texts, generation: folder.commits.first ?? index.generation, segments: [],
            live: [], scale: index.commit.learnedScale, number: folder.nextSegment,
            permissions: try permissions(of: index.generation, in: index.directory))
    }

    /// Takes a sound segment as it is.
    public func keep(_ part: SalvagedIndex.Part) {
        guard let segment = part.segment else { return }
        segments.append(segment)
        live[segment.entry.file] = part.live
    }

    /// Writes a sound segment anew without some documents, with texts that are read one by one.
    /// - Parameters:
    ///   - lost: Docids of the documents to leave out.
    ///   - text: The text of a row.
    /// - Throws: ``IndexError``.
    public func rewrite(
        _ part: SalvagedIndex.Part, without lost: [UInt32], text: (UInt32) throws(IndexError) -> StoredText
    ) throws(IndexError) {
        guard let segment = part.segment, let texts else { return }
        let live = try LiveDocuments(segment, part.live, hiding: lost.sorted())
        guard live.documents.count > 0 else { return }
        let view = SegmentView(segment: segment, documents: live.documents)
        let merge = try SegmentMerge([view], profile: options.profile, reorder: false)
        let number = nextNumber()
        let (name, textsName) = (IndexFile.segment(named: number), IndexFile.texts(named: number))
        lock.willMake(name)
        lock.willMake(textsName)
        var entry = try merge.write(to: directory, name: name, permissions: permissions)
        let path = directory + "/" + textsName
        let rows = merge.rows[0] ?? (0..<UInt32(segment.documents)).map { $0 }
        for row in rows { try texts.append([try text(row)], to: path + ".tmp") }
        entry.texts = try SegmentEntry.Texts(adopting: path, identity: try texts.finish(), permissions: permissions)
        segments.append(try Segment(directory: directory, entry: entry))
    }
}
