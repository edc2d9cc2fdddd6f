import ByteStrings

/// What a folder offers: BEIR's corpus file, else JSON lines; else documents, TSV or TREC markup, whatever more files are of.
struct CorpusFolder {
    let format: CorpusFormat
    /// The paths inside the folder of the files to read; none for documents.
    private(set) var names: [String] = []
    /// The files that are documents.
    private(set) var documents: DocumentFolder?
    /// What is left out, most first.
    let leftOut: [LeftOutFiles]

    private static let kinds: [(format: CorpusFormat, extensions: [String])] = [
        (.jsonl, packed([".jsonl", ".json", ".ndjson"])), (.tsv, packed([".tsv"])),
        (.trec, packed([".sgml", ".trec"])),
    ]

    /// As they are, and compressed.
    private static func packed(_ extensions: [String]) -> [String] {
        ["", ".gz", ".zst"].flatMap { packing in extensions.map { $0 + packing } }
    }

    /// The extensions that are read for a format; empty where every file is.
    static func extensions(_ format: CorpusFormat, isNamed: Bool) -> [String] {
        if format == .folder { return DocumentKind.allCases.filter { $0 != .source }.flatMap(\.extensions) }
        // TREC's own disks have files without an extension: who names the format means all of them.
        return isNamed && format == .trec ? [] : kinds.first { $0.format == format }?.extensions ?? []
    }

    /// Looks through a folder.
    ///
    /// - Throws: ``FormatError/emptyFolder(path:)``, ``FormatError/badFileName(path:)`` for a file that would be read, and
    ///   ``FormatError/io(path:operation:code:)``.
    init(_ folder: String, format asked: CorpusFormat?, _ options: FolderOptions) throws(FormatError) {
        let listing = try FolderListing(folder, excluded: options.excluded, goesOn: asked == nil || asked == .folder)
        if asked == nil || asked == .beir, let corpus = BEIRFolder(path: folder).corpus {
            let name = String(decoding: corpus.utf8.dropFirst(folder.utf8.count + 1), as: UTF8.self)
            self.format = .beir
            names = [name]
            // Queries and judgements belong there, and what says where all of it is from.
            leftOut = LeftOutFiles.count(listing) { ByteString($0) == ByteString(name) || Self.isBeside($0) }
            return
        }
        guard let found = asked ?? Self.format(listing, folder, options) else { throw .emptyFolder(path: folder) }
        if found == .folder {
            let documents = DocumentFolder(folder, listing, options)
            if documents.files.isEmpty { throw .emptyFolder(path: folder) }
            (self.format, self.documents, leftOut) = (.folder, documents, documents.leftOut)
            return
        }
        let extensions = Self.extensions(found == .beir ? .jsonl : found, isNamed: asked != nil)
        func isRead(_ name: String) -> Bool { extensions.isEmpty || LeftOutFiles.has(name, extensions) }
        if let bad = listing.unreadable.first(where: isRead) { throw .badFileName(path: folder + "/" + bad) }
        if let unlistable = listing.unlistable.first { throw unlistable.error }
        names = listing.names.filter(isRead)
        if names.isEmpty { throw .emptyFolder(path: folder) }
        self.format = found
        leftOut = LeftOutFiles.count(listing, isRead)
    }

    /// The format of most files, JSON lines before all others; nil where no file is of any.
    private static func format(_ listing: FolderListing, _ folder: String, _ options: FolderOptions) -> CorpusFormat? {
        let all = (listing.names + listing.unreadable).filter { !isBeside($0) }
        func count(_ format: CorpusFormat) -> Int {
            let extensions = extensions(format, isNamed: false)
            return all.count { LeftOutFiles.has($0, extensions) }
        }
        let documents = all.count {
            guard let kind = DocumentKind(name: $0) else { return false }
            return kind != .source || options.takesSourceFiles
        }
        // Settings and data of programs are JSON too: among documents, a corpus of it is one whose first file is one.
        let json = all.first { LeftOutFiles.has($0, packed([".json"])) }
        let isJSON =
            count(.jsonl) > (json == nil ? 0 : all.count { LeftOutFiles.has($0, packed([".json"])) })
            || json != nil && (documents == 0 || JSONCorpus.begins(folder + "/" + (json ?? "")))
        if isJSON { return .jsonl }
        let (tsv, trec) = (count(.tsv), count(.trec))
        if documents > max(tsv, trec) { return .folder }
        if tsv > 0, tsv >= trec { return .tsv }
        if trec > 0 { return .trec }
        // Nothing but queries, a README and the like.
        return listing.names.contains { DocumentKind(name: $0).map { $0 != .source } ?? false } ? .folder : nil
    }

    /// Whether a file is one of those that stand beside a corpus.
    private static func isBeside(_ name: String) -> Bool {
        ["queries", "qrels", "README", "LICENSE", "NOTICE", "SOURCE"].contains { name.hasPrefix($0) }
    }
}
