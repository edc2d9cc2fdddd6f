import ByteStrings

/// Files of a corpus's folder that were left out.
public struct LeftOutFiles: Sendable, Equatable {
    /// The extension with its dot, in small letters, or a few words such as "without an extension".
    public let kind: String
    /// How many there are.
    public let count: Int
}

/// What a folder offers: BEIR's corpus file, else JSON lines, text files, TSV or TREC markup; the first kind that is there.
struct CorpusFolder {
    let format: CorpusFormat
    /// The paths inside the folder of the files to read.
    let names: [String]
    /// What is left out, most first.
    let leftOut: [LeftOutFiles]

    private static let kinds: [(format: CorpusFormat, extensions: [String])] = [
        (.jsonl, packed([".jsonl", ".json", ".ndjson"])), (.folder, [".txt", ".md"]),
        (.tsv, packed([".tsv"])), (.trec, packed([".sgml", ".trec"])),
    ]

    /// As they are, and compressed.
    private static func packed(_ extensions: [String]) -> [String] {
        ["", ".gz", ".zst"].flatMap { packing in extensions.map { $0 + packing } }
    }

    /// The extensions that are read for a format; empty where every file is.
    static func extensions(_ format: CorpusFormat, isNamed: Bool) -> [String] {
        // TREC's own disks have files without an extension: who names the format means all of them.
        isNamed && format == .trec ? [] : kinds.first { $0.format == format }?.extensions ?? []
    }

    /// Looks through a folder.
    ///
    /// - Throws: ``FormatError/emptyFolder(path:)``, ``FormatError/badFileName(path:)`` for a file that would be read, and
    ///   ``FormatError/io(path:operation:code:)``.
    init(_ folder: String, format asked: CorpusFormat?) throws(FormatError) {
        let listing = try FolderListing(folder)
        if asked == nil || asked == .beir, let corpus = BEIRFolder(path: folder).corpus {
            let name = String(decoding: corpus.utf8.dropFirst(folder.utf8.count + 1), as: UTF8.self)
            self.format = .beir
            names = [name]
            // Queries and judgements belong there, and what says where all of it is from.
            leftOut = Self.count(listing) { other in
                ByteString(other) == ByteString(name)
                    || ["queries", "qrels", "README", "LICENSE", "NOTICE", "SOURCE"].contains { other.hasPrefix($0) }
            }
            return
        }
        let candidates = asked.map { $0 == .beir ? [.jsonl] : [$0] } ?? Self.kinds.map(\.format)
        for candidate in candidates {
            let extensions = Self.extensions(candidate, isNamed: asked != nil)
            func isRead(_ name: String) -> Bool { extensions.isEmpty || Self.has(name, extensions) }
            if let bad = listing.unreadable.first(where: isRead) { throw .badFileName(path: folder + "/" + bad) }
            let names = listing.names.filter(isRead)
            if names.isEmpty { continue }
            self.format = asked ?? candidate
            self.names = names
            leftOut = Self.count(listing, isRead)
            return
        }
        throw .emptyFolder(path: folder)
    }

    private static func has(_ name: String, _ extensions: [String]) -> Bool {
        let end = name.utf8.suffix(12).map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        return extensions.contains { $0.utf8.count < end.count && end.suffix($0.utf8.count).elementsEqual($0.utf8) }
    }

    private static func count(_ listing: FolderListing, _ isRead: (String) -> Bool) -> [LeftOutFiles] {
        var counts = listing.others
        for name in listing.names where !isRead(name) { counts[kind(name), default: 0] += 1 }
        for name in listing.unreadable { counts[kind(name), default: 0] += 1 }
        return counts.map { LeftOutFiles(kind: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.kind) < ($0.count, $1.kind) }
    }

    /// The extension, `.gz` or `.zst` together with the one before it.
    private static func kind(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().map { $0.lowercased() }
        guard let last = parts.last, !last.isEmpty, last.utf8.count <= 12 else { return "without an extension" }
        return "."
            + ((last == "gz" || last == "zst") && parts.count > 1 ? parts.suffix(2).joined(separator: ".") : last)
    }
}
