/// What can be wrong with a file of documents, topics, judgements, runs or vectors.
public enum FormatError: Error, Equatable, Sendable {
    /// The file or folder does not exist.
    case missing(path: String)
    /// The operating system refused `operation`.
    case io(path: String, operation: String, code: Int32)
    /// A compressed file ends in the middle.
    case truncatedGzip(path: String)
    /// A compressed file is damaged.
    case damagedGzip(path: String, detail: String)
    /// A file compressed with zstd ends in the middle.
    case truncatedZstd(path: String)
    /// A file compressed with zstd is damaged.
    case damagedZstd(path: String, detail: String)
    /// A file is compressed with zstd, and the system has no libzstd.
    case noZstd(path: String)
    /// The format cannot be told from the name and the first bytes.
    case unknownFormat(path: String, found: String)
    /// What a file holds cannot be told from its first lines and its name.
    case ambiguous(path: String, found: String)
    /// A folder holds nothing that can be read.
    case emptyFolder(path: String)
    /// A file, or a folder of files, was read to its end and nothing came of it.
    case nothing(path: String, what: String, found: String)
    /// The data are of a kind that no reader understands.
    case foreign(path: String, found: String, advice: String)
    /// A file of numbers, names or packed data is not what its format promises.
    case malformed(path: String, what: String, detail: String)
    /// A file cannot be made a text.
    indirect case unconvertible(path: String, fault: FileFault)
    /// A file's name is not UTF-8, so that it cannot become an id.
    case badFileName(path: String)
    /// A line, or a text file, is not UTF-8.
    case invalidUTF8(path: String, line: Int)
    /// A line is longer than any record can be.
    case lineTooLong(path: String, line: Int, limit: Int)
    /// A document of several lines is longer than any can be.
    case documentTooLong(path: String, line: Int, limit: Int)
    /// A line is not one JSON object.
    case malformedJSON(path: String, line: Int, column: Int, expected: String, found: String)
    /// A JSON object has none of these members.
    case missingMember(path: String, line: Int, names: [String])
    /// A JSON member is of another type.
    case wrongType(path: String, line: Int, member: String, expected: String, found: String)
    /// An id is empty or holds white space.
    case badID(path: String, line: Int, what: String, id: String)
    /// A line has another number of columns.
    case wrongColumns(path: String, line: Int, expected: String, found: Int)
    /// A grade, score or weight is not a usable number.
    case badNumber(path: String, line: Int, what: String, found: String)
    /// A grade is no whole number.
    case fractionalGrade(path: String, line: Int, found: String)
    /// Something that may stand in a file once stands there twice.
    case duplicate(path: String, line: Int, what: String, firstPath: String, firstLine: Int)
    /// Markup ends before this tag.
    case unclosed(path: String, line: Int, tag: String)
    /// A tag is not closed before something that cannot stand inside it.
    case neverClosed(path: String, line: Int, tag: String, before: String)
    /// A tag, closing or not, stands where nothing was opened.
    case unopened(path: String, line: Int, tag: String, opening: String)
    /// A topic has none of the fields that may be its query.
    case unreadableTopic(path: String, line: Int, fields: [String], found: [String])
    /// A ranking cannot be written.
    case unwritable(path: String, detail: String)
}

extension FormatError: CustomStringConvertible {
    /// One line: what happened, where, and what to do.
    public var description: String {
        switch self {
        case .missing(let path):
            "\(place(path)) does not exist. Check the path."
        case .io(let path, let operation, let code):
            "Cannot \(operation) \(path == "-" && operation == "write" ? "standard output" : place(path)): \(systemMessage(code))."
                + (code == 28 ? " Free some space and try again." : "")
        case .truncatedGzip(let path):
            "\(place(path)) ends in the middle of its gzip data. Fetch or copy it again."
        case .damagedGzip(let path, let detail):
            "\(place(path)) is not sound gzip data (\(detail)). Fetch or copy it again."
        case .truncatedZstd(let path):
            "\(place(path)) ends in the middle of its zstd data. Fetch or copy it again."
        case .damagedZstd(let path, let detail):
            "\(place(path)) is not sound zstd data (\(detail)). Fetch or copy it again."
        case .noZstd(let path):
            "\(place(path)) is zstd data, and there is no libzstd here to read it. Install libzstd1, or unpack the file with "
                + "'zstd -d' first."
        case .unknownFormat(let path, let found):
            "Cannot tell the format of \(place(path)): it \(found). Name the format: "
                + CorpusFormat.allCases.map(\.rawValue).joined(separator: ", ") + "."
        case .ambiguous(let path, let found):
            "Cannot tell what \(place(path)) holds: neither its first lines nor the name '\(shown(found))' say whether it is "
                + "documents, topics, judgements or a run. Say it with --corpus, --vectors, --topics, --qrels or --run."
        case .emptyFolder(let path):
            "The folder \(place(path)) has no file that is read: corpus.jsonl, .jsonl, .tsv, .trec, .sgml, or documents ("
                + DocumentKind.allCases.filter { $0 != .source }.flatMap(\.extensions).joined(separator: " ")
                + "; source code and the like with --source-files). Check the path."
        case .nothing(let path, let what, let found):
            "\(place(path)) holds no \(what): \(found). Check that it is the right file."
        case .foreign(let path, let found, let advice):
            "\(place(path)) is \(found). \(advice)"
        case .malformed(let path, let what, let detail):
            "\(place(path)) is no sound \(what): \(shown(detail)). Write it again."
        case .unconvertible(let path, let fault):
            "\(place(path)) cannot be read: \(shown("\(fault)"))." + (fault.advice.isEmpty ? "" : " " + fault.advice)
        case .badFileName(let path):
            "The name of \(place(path)) is not UTF-8. Rename the file, for example with 'convmv'."
        case .invalidUTF8(let path, let line):
            "\(place(path, line)) is not UTF-8. Convert the file, for example with 'iconv -f latin1 -t utf8'."
        case .lineTooLong(let path, let line, let limit):
            "\(place(path, line)) is longer than \(limit >> 20) MiB. Put one document on each line."
        case .documentTooLong(let path, let line, let limit):
            "The document at \(place(path, line)) is longer than \(limit >> 20) MiB. Cut it into several."
        case .malformedJSON(let path, let line, let column, let expected, let found):
            "\(place(path, line)), column \(column): expected \(expected), found \(found). "
                + "Each line must be one whole JSON object."
        case .missingMember(let path, let line, let names):
            "\(place(path, line)): the object has no member \(names.map { "\"\($0)\"" }.joined(separator: " or ")). Add it."
        case .wrongType(let path, let line, let member, let expected, let found):
            "\(place(path, line)): \"\(shown(member))\" is \(found), expected \(expected)."
        case .badID(let path, let line, let what, let id):
            id.isEmpty
                ? "\(place(path, line)): the \(what) is empty. Give every record an id."
                : "\(place(path, line)): the \(what) '\(shown(id))' holds \(flaw(id)), which a run file cannot hold. Replace it."
        case .wrongColumns(let path, let line, let expected, let found):
            "\(place(path, line)) has \(found) column\(found == 1 ? "" : "s"), expected \(expected)."
        case .badNumber(let path, let line, let what, let found):
            "\(place(path, line)): the \(shown(what)) '\(shown(found))' is not a usable number."
        case .fractionalGrade(let path, let line, let found):
            "\(place(path, line)): the grade '\(shown(found))' is not a whole number. "
                + "Say from which number on documents are relevant: --grade-threshold 0.5."
        case .duplicate(let path, let line, let what, let firstPath, let firstLine):
            "\(place(path, line)): \(shown(what)) is already on line \(firstLine)"
                + (firstPath == path ? "" : " of \(place(firstPath))") + ". Keep one of them."
        case .unclosed(let path, let line, let tag):
            "\(place(path, line)): the file ends before \(tag). Is it cut off?"
        case .neverClosed(let path, let line, let tag, let before):
            "\(place(path, line)): \(tag) is not closed before \(before). Close it where it ends."
        case .unopened(let path, let line, let tag, let opening):
            "\(place(path, line)): \(tag) stands outside of any \(opening). Is the \(opening) before it missing?"
        case .unreadableTopic(let path, let line, let fields, let found):
            "\(place(path, line)): the topic has none of \(fields.map { "<\($0)>" }.joined(separator: ", "))"
                + (found.isEmpty
                    ? " with a text" : " with a text, but \(found.map { "<\(shown($0))>" }.joined(separator: ", "))")
                + ". Name the one to search with <title>."
        case .unwritable(let path, let detail):
            "Cannot write \(place(path)): \(detail)."
        }
    }

    private func place(_ path: String) -> String { path == "-" ? "standard input" : "'\(shown(path, limit: 4096))'" }

    /// A message is one line of a sensible length, whatever the text holds.
    private func shown(_ text: String, limit: Int = 200) -> String {
        let scalars = text.unicodeScalars
        let start = scalars.prefix(limit).map {
            $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0)
        }
        return start.joined() + (scalars.dropFirst(limit).isEmpty ? "" : "…")
    }

    /// What an id holds and must not.
    private func flaw(_ id: String) -> String {
        let flaw = id.unicodeScalars.first(where: ExternalID.isForbidden)
        guard let flaw, !flaw.properties.isWhitespace else { return "white space" }
        return "the control character \(flaw.value)"
    }

    private func place(_ path: String, _ line: Int) -> String { "\(place(path)) line \(line)" }
}
