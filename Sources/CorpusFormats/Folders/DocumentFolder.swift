import Glibc

/// A file of a folder that is read, or would be.
public struct FolderFile: Sendable, Equatable {
    /// The path inside the folder.
    public let name: String
    /// What it is read as.
    public let kind: DocumentKind

    /// A file.
    public init(name: String, kind: DocumentKind) { (self.name, self.kind) = (name, kind) }

    /// The id of its document: the path, with what an id cannot hold percent-encoded.
    public var id: String { ExternalID.encoded(path: name) }
}

/// A folder as people have them: texts, Markdown, reStructuredText, pages, PDFs and mail, each file a document.
public struct DocumentFolder: Sendable {
    /// Where it is, from the root on and without links.
    public let path: String
    /// The files that are read, in the order of their paths' bytes.
    public let files: [FolderFile]
    /// What is not read, most first.
    public let leftOut: [LeftOutFiles]
    /// What could not be listed, or has a name that is no id.
    public let unlisted: [PassedOverFile]
    private let options: FolderOptions

    /// Looks through a folder.
    ///
    /// - Parameter known: Files that are read whatever the options say, when they are there.
    /// - Throws: ``FormatError/missing(path:)``, ``FormatError/io(path:operation:code:)``.
    public init(_ path: String, options: FolderOptions = FolderOptions(), known: [FolderFile] = []) throws(FormatError)
    {
        if FolderListing.status(path).code == ENOENT { throw .missing(path: path) }
        self.init(path, try FolderListing(path, excluded: options.excluded, goesOn: true), options, known: known)
    }

    init(_ path: String, _ listing: FolderListing, _ options: FolderOptions, known: [FolderFile] = []) {
        self.path = Self.resolved(path)
        self.options = options
        let knownKinds = Dictionary(known.map { (Array($0.name.utf8), $0.kind) }) { first, _ in first }
        var files: [FolderFile] = []
        var others: [String] = []
        for name in listing.names {
            let kind = knownKinds[Array(name.utf8)] ?? DocumentKind(name: name)
            if let kind, kind != .source || options.takesSourceFiles || knownKinds[Array(name.utf8)] != nil {
                files.append(FolderFile(name: name, kind: kind))
            } else {
                others.append(name)
            }
        }
        self.files = files
        leftOut = LeftOutFiles.count(others, listing.others)
        unlisted =
            listing.unreadable.map { PassedOverFile(name: $0, fault: .badName) }
            + listing.unlistable.map { PassedOverFile(name: $0.name, fault: .unreadable($0.error)) }
    }

    /// Bytes of all files, before they are unpacked.
    var totalBytes: Int { files.reduce(0) { $0 + FolderListing.size(path + "/" + $1.name) } }

    /// The document of a file.
    /// - Throws: ``FileFault``.
    public func read(_ file: FolderFile) throws(FileFault) -> CorpusDocument { try document(file).document }

    /// The same; the file is remembered where its letters were guessed.
    package func read(_ file: FolderFile, _ guesses: inout FolderGuesses) throws(FileFault) -> CorpusDocument {
        let found = try document(file)
        guesses.add(file.name, found.guess)
        return found.document
    }

    func document(_ file: FolderFile) throws(FileFault) -> (
        document: CorpusDocument, guess: TextEncoding.Guess?, bytes: Int
    ) {
        let content = try FileContent(path: path + "/" + file.name, name: file.name, limit: options.maximumBytes)
        let found = try file.kind.reader(options).read(content)
        let origin = FileOrigin(folder: path, path: file.name, kind: file.kind, stamp: content.stamp)
        let document = CorpusDocument(
            id: file.id, title: found.title, text: found.text, metadata: origin.json(found.members), line: 1)
        return (document, found.guess, content.stamp.size)
    }

    /// Whether a file is as it was, and whether it had to be read to know it; nil where it is not there any more.
    ///
    /// - Throws: ``FileFault`` when it is there and cannot be read.
    public func isUnchanged(_ origin: FileOrigin) throws(FileFault) -> (isSame: Bool, wasRead: Bool)? {
        let path = self.path + "/" + origin.path
        let (status, code) = FolderListing.status(path)
        guard let status else {
            if code == ENOENT || code == ENOTDIR { return nil }
            throw .unreadable(.io(path: path, operation: "open", code: code))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        if origin.stamp.fits(status) { return (true, false) }
        let content = try FileContent(path: path, name: origin.path, limit: options.maximumBytes)
        return (origin.stamp.isSameContent(as: content.stamp), true)
    }

    /// The path from the root on; the path as it is where the system does not tell.
    package static func resolved(_ path: String) -> String {
        // Safe: the system allocates the string, which is copied and freed.
        guard let found = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}
