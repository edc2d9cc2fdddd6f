import Foundation

/// What reads the documents of one file.
protocol DocumentSource: AnyObject {
    var path: String { get }
    var bytesRead: Int { get }
    func next() throws(FormatError) -> CorpusDocument?
}

/// Reads the documents of a corpus one at a time; memory does not grow with the corpus.
///
///     let reader = try CorpusReader(path: "scifact")
///     while let document = try reader.next() { … }
///
/// The path may be a file, a folder, or `-` for standard input; gzip data is recognised by its first bytes.
public final class CorpusReader {
    /// The format that was given or found.
    public let format: CorpusFormat
    /// The file that the last document came from.
    public private(set) var currentPath: String
    /// The size of all files, before decompression, to show progress; nil for a pipe.
    public let totalBytes: Int?
    /// The number of documents handed out.
    public private(set) var documentCount = 0
    /// How many of them had neither title nor text.
    public private(set) var emptyCount = 0

    private var waiting: [String]
    private var source: (any DocumentSource)?
    private var bytesBefore = 0

    /// Opens a corpus.
    ///
    /// - Throws: ``FormatError/missing(path:)``, ``FormatError/unknownFormat(path:found:)``,
    ///   ``FormatError/emptyFolder(path:)`` and what opening a file throws.
    public init(path: String, format: CorpusFormat? = nil) throws(FormatError) {
        currentPath = path
        var isFolder: ObjCBool = false
        // Safe: the flag outlives the call.
        let exists = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        if path != "-", !exists { throw .missing(path: path) }
        if path != "-", isFolder.boolValue {
            let contents = try CorpusReader.contents(of: path, format: format)
            self.format = contents.format
            totalBytes = contents.files.reduce(0) { $0 + CorpusReader.size($1) }
            if contents.format == .folder {
                source = TextFolder(path: path, files: contents.files)
                waiting = []
            } else {
                waiting = contents.files
            }
            return
        }
        waiting = []
        if format == .folder {
            self.format = .folder
            totalBytes = CorpusReader.size(path)
            source = TextFolder(path: (path as NSString).deletingLastPathComponent, files: [path])
            return
        }
        let lines = try LineReader(path: path)
        let name = (path as NSString).lastPathComponent
        if let format {
            self.format = format
        } else {
            let start = try lines.peek(1 << 16)
            self.format = try CorpusFormat.detect(name: name, start: start, path: path)
        }
        totalBytes = lines.totalBytes
        source = CorpusReader.source(lines, self.format)
    }

    /// The next document, or nil at the end.
    ///
    /// - Throws: A ``FormatError`` with the file and the line; reading cannot go on after it.
    public func next() throws(FormatError) -> CorpusDocument? {
        while true {
            if let source {
                if let document = try source.next() {
                    currentPath = source.path
                    documentCount += 1
                    if document.title.isEmpty, document.text.isEmpty { emptyCount += 1 }
                    return document
                }
                bytesBefore += source.bytesRead
                self.source = nil
            }
            if waiting.isEmpty { return nil }
            source = CorpusReader.source(try LineReader(path: waiting.removeFirst()), format)
        }
    }

    /// Bytes read so far, before decompression; compare with ``totalBytes``.
    public var bytesRead: Int { bytesBefore + (source?.bytesRead ?? 0) }

    private static func source(_ lines: LineReader, _ format: CorpusFormat) -> any DocumentSource {
        switch format {
        case .beir, .jsonl: JSONCorpus(lines)
        case .tsv: TSVCorpus(lines)
        case .trec, .folder: TRECCorpus(lines)
        }
    }

    /// What a folder offers: BEIR's corpus file, else JSON lines, else text files.
    private static func contents(
        of folder: String, format: CorpusFormat?
    ) throws(FormatError) -> (format: CorpusFormat, files: [String]) {
        if format == nil || format == .beir, let corpus = BEIRFolder(path: folder).corpus { return (.beir, [corpus]) }
        let names: [String]
        do {
            names = try FileManager.default.subpathsOfDirectory(atPath: folder)
        } catch {
            throw .io(path: folder, operation: "list", code: 5)
        }
        let visible = names.filter { !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        func files(_ extensions: [String]) -> [String] {
            visible.filter { name in extensions.contains { name.lowercased().hasSuffix($0) } }.map { folder + "/" + $0 }
        }
        let json = [".jsonl", ".json", ".ndjson", ".jsonl.gz", ".json.gz"]
        let candidates: [(CorpusFormat, [String])] = [
            (.jsonl, json), (.folder, [".txt", ".md"]), (.tsv, [".tsv", ".tsv.gz"]),
            (.trec, [".sgml", ".trec", ".gz", ""]),
        ]
        for (candidate, extensions) in candidates where format == candidate || format == nil && candidate != .trec {
            let found = files(extensions).filter { isFile($0) }
            if !found.isEmpty { return (candidate, found) }
        }
        throw .emptyFolder(path: folder)
    }

    private static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        // Safe: the flag outlives the call.
        return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    private static func size(_ path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }
}
