/// What a file of a folder is, told by its extension.
public enum DocumentKind: String, Sendable, CaseIterable {
    case text, markdown
    case restructuredText = "rst"
    case html, pdf, mail
    /// Source code, data, and whatever has no extension; read on request.
    case source

    /// The extensions, with their dots and in small letters. Each may be followed by `.gz` or `.zst`, but a PDF's.
    public var extensions: [String] {
        switch self {
        case .text: [".txt", ".text"]
        case .markdown: [".md", ".markdown"]
        case .restructuredText: [".rst"]
        case .html: [".html", ".htm", ".xhtml"]
        case .pdf: [".pdf"]
        case .mail: [".eml"]
        case .source: Self.sources
        }
    }

    private static let sources = [
        ".ada", ".adoc", ".asm", ".awk", ".bash", ".bat", ".c", ".cc", ".cfg", ".clj", ".cmake", ".conf", ".cpp", ".cs",
        ".css",
        ".csv", ".cxx", ".d", ".dart", ".diff", ".el", ".erl", ".ex", ".f", ".f90", ".fs", ".go", ".gradle", ".groovy",
        ".h",
        ".hh", ".hpp", ".hs", ".ini", ".ipynb", ".java", ".jl", ".js", ".json", ".jsx", ".kt", ".lisp", ".log", ".lua",
        ".m",
        ".ml", ".mm", ".nim", ".org", ".pas", ".patch", ".php", ".pl", ".pm", ".properties", ".proto", ".ps1", ".py",
        ".r",
        ".rb", ".rs", ".sass", ".scala", ".scm", ".scss", ".sh", ".sql", ".svelte", ".swift", ".tcl", ".tex", ".toml",
        ".ts",
        ".tsx", ".v", ".vb", ".vhdl", ".vim", ".vue", ".xml", ".xsl", ".yaml", ".yml", ".zig", ".zsh",
    ]

    /// The kind of each extension.
    private static let kinds: [String: DocumentKind] = {
        let pairs = allCases.flatMap { kind in kind.extensions.map { ($0, kind) } }
        return Dictionary(pairs) { first, _ in first }
    }()

    /// The kind of a file, by its name; nil for what no reader reads. A name without an extension is a source's.
    init?(name path: String) {
        var (kind, isPacked) = (LeftOutFiles.kind(path), false)
        for packing in [".gz", ".zst"] where kind.hasSuffix(packing) && kind.utf8.count > packing.utf8.count {
            kind.removeLast(packing.count)
            isPacked = true
        }
        if kind == LeftOutFiles.withoutExtension {
            self = .source
            return
        }
        guard let found = Self.kinds[kind], !(isPacked && found == .pdf) else { return nil }
        self = found
    }

    /// Whether a file of this name is read as one document, and not as lines of several.
    var isTold: Bool { self != .text && self != .source }

    /// What turns such a file into a title and a text.
    func reader(_ options: FolderOptions) -> any FileTextReader {
        switch self {
        case .text: PlainText(refusesNUL: false)
        case .source: PlainText(refusesNUL: true)
        case .markdown: MarkdownText()
        case .restructuredText: RestructuredText()
        case .html: HTMLText()
        case .mail: MailText()
        case .pdf: PDFText(options)
        }
    }
}
