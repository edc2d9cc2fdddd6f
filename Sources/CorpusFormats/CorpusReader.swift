import Glibc

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
/// The path may be a file, a folder, or `-` for standard input; gzip and zstd data are recognised by their first bytes.
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
    /// How many of a folder's files were read and had no document.
    public private(set) var barrenFiles = 0
    /// What lies in the folder and is not read, most first; hidden files are not counted.
    public let leftOut: [LeftOutFiles]

    private let path: String
    /// What is read of a folder, in words; empty for a file.
    private let kinds: [String]
    private var waiting: ArraySlice<String>
    private var documentsBefore = 0
    private var source: (any DocumentSource)?
    private var bytesBefore = 0

    /// Files of a folder of documents that could not be read, so far.
    public var passedOver: [PassedOverFile] { (source as? TextFolder ?? folder)?.passedOver ?? [] }
    /// The documents of a folder, also when all of them are read.
    private var folder: TextFolder?
    /// The file, when it is one document.
    private var file: TextFile?
    private let options: FolderOptions

    /// Opens a corpus.
    ///
    /// - Parameters:
    ///   - format: Its format; nil finds it out.
    ///   - options: How a folder of documents, or one such file, is read.
    /// - Throws: ``FormatError/missing(path:)``, ``FormatError/unknownFormat(path:found:)``,
    ///   ``FormatError/emptyFolder(path:)``, ``FormatError/nothing(path:what:found:)`` for an empty file, and what opening a
    ///   file or listing a folder throws.
    public init(
        path: String, format: CorpusFormat? = nil, options: FolderOptions = FolderOptions()
    ) throws(FormatError) {
        self.path = path
        self.options = options
        currentPath = path
        let (status, code) = path == "-" ? (nil, 0) : FolderListing.status(path)
        if code != 0 { throw code == ENOENT ? .missing(path: path) : .io(path: path, operation: "open", code: code) }
        if let status, status.st_mode & S_IFMT == S_IFDIR {
            let folder = CorpusReader.withoutSlash(path)
            let contents = try CorpusFolder(folder, format: format, options)
            self.format = contents.format
            leftOut = contents.leftOut
            kinds =
                contents.format == .beir
                ? contents.names : CorpusFolder.extensions(contents.format, isNamed: format != nil)
            let names = contents.names
            totalBytes =
                contents.documents?.totalBytes ?? names.reduce(0) { $0 + FolderListing.size(folder + "/" + $1) }
            waiting = names.map { folder + "/" + $0 }[...]
            self.folder = contents.documents.map { TextFolder($0, name: folder) }
            source = self.folder
            return
        }
        (waiting, leftOut, kinds) = ([], [], [])
        let named = DocumentKind(name: path)
        if format == .folder || format == nil && named?.isTold == true {
            self.format = .folder
            totalBytes = FolderListing.size(path)
            file = TextFile(path, named ?? .text, options)
            source = file
            return
        }
        let lines = try LineReader(path: path)
        if let format {
            self.format = format
        } else {
            let start = try lines.peek(1 << 16)
            self.format = try CorpusFormat.detect(name: CorpusReader.split(path).name, start: start, path: path)
        }
        // Said before any work is done: one empty file among many should not cost an hour.
        if lines.isNothing { throw .nothing(path: path, what: "documents", found: "it is empty") }
        totalBytes = lines.totalBytes
        source = CorpusReader.source(lines, self.format)
    }

    /// Reads JSON lines that a program makes, piece by piece.
    /// - Parameters:
    ///   - name: What messages call them.
    ///   - pieces: The next piece, which may end in the middle of a line; nil at the end.
    public init(name: String, pieces: @escaping () throws(FormatError) -> [UInt8]?) {
        (path, currentPath, format, totalBytes, options) = (name, name, .jsonl, nil, FolderOptions())
        (waiting, leftOut, kinds) = ([], [], [])
        source = JSONCorpus(LineReader(name: name, pieces: pieces))
    }

    /// Whether each line is a document of its own.
    public var isOfLines: Bool { format != .trec && format != .folder }

    /// The next document, or nil at the end.
    ///
    /// - Throws: A ``FormatError`` with the file and the line. After one that is one line's (``FormatError/isOfOneLine``), and
    ///   where each line is a document (``isOfLines``), another call goes on behind that line. A corpus without any document
    ///   is ``FormatError/nothing(path:what:found:)``.
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
                if documentCount == documentsBefore { barrenFiles += 1 }
                documentsBefore = documentCount
                self.source = nil
            }
            guard let file = waiting.popFirst() else {
                if documentCount > 0 { return nil }
                throw .nothing(path: path, what: "documents", found: absence)
            }
            source = CorpusReader.source(try LineReader(path: file), format)
        }
    }

    /// What was passed over, a sentence each, for people; whole when ``next()`` has returned nil.
    public var notes: [String] {
        var notes: [String] = []
        if let guess = file?.guess { notes.append("'\(path)' is not UTF-8 and was read as \(guess.rawValue).") }
        let words = FolderNotes(path, options)
        if let folder {
            notes += words.all(leftOut: leftOut, passedOver: folder.passedOver, guesses: folder.guesses)
        } else {
            notes += [words.leftOut(leftOut, kinds: kinds, readsDocuments: false)].compactMap { $0 }
        }
        if barrenFiles > 0, documentCount > 0 {
            notes.append("\(barrenFiles) file\(barrenFiles == 1 ? "" : "s") of '\(path)' had no document.")
        }
        return notes
    }

    private var absence: String {
        if let folder, !folder.passedOver.isEmpty {
            return FolderNotes(path, options).passedOver(folder.passedOver).joined(separator: " ")
        }
        if barrenFiles > 1 { return "none of its \(barrenFiles) files has one" }
        return format == .trec && bytesRead > 0 ? "it has no <DOC>" : "it is empty"
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

    /// The last name of a path, and what stands before it.
    private static func split(_ path: String) -> (folder: String, name: String) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) } ?? path.startIndex
        return (String(path[..<slash]), String(path[slash...]))
    }

    private static func withoutSlash(_ path: String) -> String {
        var path = path[...]
        while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path = path.dropLast() }
        return String(path)
    }
}
