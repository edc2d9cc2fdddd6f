import FileStorage

extension IndexWriter {
    /// What ``takeOver(_:without:copies:)`` did.
    public struct TakenOver: Sendable {
        /// Files that share their bytes with the other index by a hard link.
        public var linked = 0
        /// Files that were copied.
        public var copied = 0
    }

    /// Begins an index of the settings of another, of which ``takeOver(_:without:copies:)`` is to take segments.
    /// - Parameters:
    ///   - lock: That of a directory without an index.
    ///   - metadata: The pairs that the commit stores.
    /// - Throws: ``IndexError``.
    public static func joining(
        _ lock: WriteLock, like part: IndexSnapshot, learnedScale: Float?, metadata: [String: String],
        texts: (any SegmentTextsWriter)?, memoryBytes: Int? = nil
    ) throws(IndexError) -> IndexWriter {
        var options = IndexOptions()
        if let memoryBytes { (options.memoryBytes, options.joinsWithinMemory) = (memoryBytes, true) }
        options.metadata = metadata
        options.learnedScale = learnedScale
        options.hasText = part.commit.hasText
        options.hasLearned = part.commit.hasLearned
        options.profile = part.commit.profile
        options.norms = part.commit.norms
        options.storesVectors = part.commit.storesVectors ?? false
        return try create(lock, options: options, vocabulary: [], texts: texts)
    }

    /// Takes over the segments of another index as they are, each with its own learned scale and with its documents that live.
    /// Published by the next ``commit()``.
    ///
    /// Files are written once and never changed, so a hard link is as good as a copy.
    /// - Parameters:
    ///   - part: An index with the same settings, and without an id that this one has.
    ///   - ids: Documents of it to leave out.
    ///   - copies: Whether every file is copied, and the copy compared with its checksums.
    /// - Throws: ``IndexError``.
    /// - Complexity: O(files) where they can be linked, else O(bytes).
    @discardableResult public func takeOver(
        _ part: IndexSnapshot, without ids: [String] = [], copies: Bool = false
    ) throws(IndexError) -> TakenOver {
        try flush()
        var taken = TakenOver()
        var hidden = [[UInt32]](repeating: [], count: part.views.count)
        for id in ids {
            guard let place = part.place(of: id) else { continue }
            hidden[place.segment].append(place.docid)
        }
        for (place, view) in part.views.enumerated() {
            let number = nextNumber()
            var entry = view.segment.entry
            let name = entry.isPacked ? IndexFile.packed(named: number) : IndexFile.segment(named: number)
            try take(entry.file, of: part, as: name, copies: copies, &taken)
            entry.file = name
            // What stood for it was said by the other index.
            if view.segment.hasImpacts { entry.scale = view.scale }
            if let texts = entry.texts?.file {
                let name = IndexFile.texts(named: number)
                try take(texts, of: part, as: name, copies: copies, &taken)
                entry.texts?.file = name
            }
            let segment = try Segment(directory: directory, entry: entry)
            if copies {
                try segment.verify()
                try segment.verifyTexts()
                segment.releasePages()
            }
            segments.append(segment)
            if part.live[place] != nil || !hidden[place].isEmpty {
                live[name] = try LiveDocuments(segment, part.live[place], hiding: hidden[place].sorted())
            }
        }
        return taken
    }

    private func take(
        _ file: String, of part: IndexSnapshot, as name: String, copies: Bool, _ taken: inout TakenOver
    ) throws(IndexError) {
        let (source, path) = (part.directory + "/" + file, directory + "/" + name)
        lock.willMake(name)
        if !copies, Directory.link(source, as: path) {
            taken.linked += 1
            return
        }
        do throws(StorageError) { try AtomicFile.copy(source, to: path, permissions: permissions) } catch {
            throw .storage(error)
        }
        taken.copied += 1
    }
}

extension IndexSnapshot {
    /// Impact per unit of learned weight in segments to come; nil before there was a weight.
    public var learnedScale: Float? { commit.learnedScale }

    /// Whether documents have words, and whether they have learned terms.
    public var fields: [Field] {
        Field.allCases.filter { $0 == .text ? commit.hasText : commit.hasLearned }
    }
}
