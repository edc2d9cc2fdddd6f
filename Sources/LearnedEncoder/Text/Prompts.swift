import FileStorage
import JSONScanning
import TextAnalysis

/// What sentence-transformers puts before a text, as `config_sentence_transformers.json` says.
///
/// As `encode_query` and `encode_document` choose (sentence-transformers 5 and 6): a query gets the prompt "query", a document
/// the first of "document", "passage" and "corpus" that the file has. Other prompts, and `default_prompt_name`, belong to plain
/// `encode` and are not used.
public struct Prompts: Sendable, Equatable, Codable {
    /// Before each query; empty for none.
    public var query = ""
    /// Before each document; empty for none. Of a document that is split into passages it stands in the first, as a title does.
    public var document = ""

    static let fileName = "config_sentence_transformers.json"

    /// No prompts.
    public init() {}

    /// What the file says, with the prompts in it that are not used.
    /// - Throws: ``EncoderError/malformed(path:detail:)``.
    static func read(_ files: ModelFiles) throws(EncoderError) -> (prompts: Prompts, unused: [String]) {
        var prompts = Prompts()
        guard let bytes = try files.bytes(fileName) else { return (prompts, []) }
        guard let tree = unsafe bytes.withUnsafeBytes({ unsafe JSONTree($0) }), tree.members != nil else {
            throw .malformed(path: bytes.path, detail: "it is not a JSON object")
        }
        func wrong(_ detail: String) -> EncoderError { .malformed(path: bytes.path, detail: detail) }
        var unused: [String] = []
        guard let list = tree["prompts"] else { return (prompts, unused) }
        guard let members = list.members else { throw wrong("'prompts' must be an object, not \(list.label)") }
        var texts: [(name: String, text: String)] = []
        for (name, value) in members {
            switch value {
            case .null: texts.append((name, ""))
            case .string(let text): texts.append((name, text))
            default: throw wrong("the prompt '\(name)' must be a text, not \(value.label)")
            }
        }
        func text(_ name: String) -> String? { texts.last { $0.name == name }?.text }
        let document = ["document", "passage", "corpus"].first { text($0) != nil }
        prompts.query = text("query") ?? ""
        prompts.document = document.flatMap(text) ?? ""
        for (name, text) in texts where name != "query" && name != document && !text.isEmpty {
            unused.append("\(fileName): prompt '\(name)'")
        }
        if let name = tree["default_prompt_name"] {
            guard let name = name.string, let text = text(name) else {
                throw wrong("'default_prompt_name' is \(name.label), which is none of the prompts")
            }
            if !text.isEmpty, name != "query", name != document {
                unused.append("\(fileName): default_prompt_name '\(name)'")
            }
        }
        return (prompts, unused)
    }

    /// Part of the model's identity; empty without prompts.
    var identity: String {
        guard self != Prompts() else { return "" }
        return "+prompts-" + Checksum.digits(Checksum.of("\(query.utf8.count) \(query)\(document)"))
    }

    /// The texts as the encoder reads them.
    func documents(_ texts: [String]) -> [String] { document.isEmpty ? texts : texts.map { document + $0 } }
}
