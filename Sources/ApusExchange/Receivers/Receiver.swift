import Apus
import FileStorage
import InvertedIndex

/// An engine that is fed: what its files look like.
///
/// A file is written whole or not at all, so that an export that was stopped goes on where it was. Documents come in parts, one
/// file each.
protocol Receiver {
    /// What it is called on the command line.
    static var name: String { get }
    /// Documents of one file.
    var documentsPerFile: Int { get }
    /// The name of a part, without its number: `documents-` and `.jsonl`.
    var partName: (before: String, after: String) { get }
    /// How ids and terms are told.
    var documentIDs: ExportManifest.Names { get }
    var termNames: ExportManifest.Names { get }

    /// - Throws: ``ExchangeError/refused(receiver:detail:)`` for terms that it cannot take.
    init(_ source: ExportSource) throws

    /// Appends a document to a part.
    /// - Throws: ``ExchangeError/refused(receiver:detail:)`` for an id that it cannot take.
    func append(_ document: ExportedDocument, to part: inout JSONBytes) throws

    /// Files beside the documents: settings, queries.
    func companions(_ golden: GoldenQueries) throws -> [(name: String, text: String)]
}

extension Receiver {
    var documentsPerFile: Int { 50_000 }
    var partName: (before: String, after: String) { ("documents-", ".jsonl") }
    var documentIDs: ExportManifest.Names { .init(spelling: "names") }
    var termNames: ExportManifest.Names { .init(spelling: "names") }
}

/// Members of a document that several receivers take.
enum DocumentMembers {
    /// `"title":…,"text":…,` where there are such, with a comma at the end.
    static func append(_ text: StoredText, to part: inout JSONBytes) {
        if !text.title.isEmpty {
            part.append("\"title\":")
            part.append(quoted: text.title)
            part.append(",")
        }
        if !text.text.isEmpty {
            part.append("\"text\":")
            part.append(quoted: text.text)
            part.append(",")
        }
    }

    /// `"metadata":{…},` where there is any.
    static func append(metadata text: StoredText, to part: inout JSONBytes) {
        guard let metadata = text.metadata, metadata.utf8.count > 2 else { return }
        part.append("\"metadata\":")
        part.append(raw: metadata)
        part.append(",")
    }
}

/// Learned terms as members of a JSON object, each spelled once.
struct QuotedTerms {
    private let quoted: [[UInt8]]

    init(_ terms: [String]) {
        quoted = terms.map { term in
            var name = JSONBytes()
            name.append(quoted: term)
            return name.bytes + [0x3A]
        }
    }

    /// `{"id":…,"TEXT":…,"vector":{…}}` as a line; what the member of the text is called, `member` says.
    func appendLine(_ document: ExportedDocument, text member: String, to part: inout JSONBytes) {
        part.append("{\"id\":")
        part.append(quoted: document.id)
        part.append(",")
        part.append(quoted: member)
        part.append(":")
        part.append(quoted: document.text.shown)
        part.append(",\"vector\":")
        append(document, to: &part)
        part.append("}\n")
    }

    /// `{"term":impact,…}`
    func append(_ document: ExportedDocument, to part: inout JSONBytes) {
        part.append("{")
        for (term, impact) in zip(document.terms, document.impacts) {
            part.bytes.append(contentsOf: quoted[Int(term)])
            part.append(impact)
            part.append(",")
        }
        part.dropComma()
        part.append("}")
    }
}

extension GoldenQueries.Query {
    /// `{"term":weight,…}` of the terms as a receiver spells them.
    func object(_ name: (String) -> String = { $0 }) -> String {
        var object = JSONBytes()
        object.append("{")
        for term in terms {
            object.append(quoted: name(term.term))
            object.append(":")
            object.append(term.weight)
            object.append(",")
        }
        object.dropComma()
        object.append("}")
        return String(decoding: object.bytes, as: UTF8.self)
    }

    /// The query's id as JSON.
    var quotedID: String {
        var id = JSONBytes()
        id.append(quoted: self.id)
        return String(decoding: id.bytes, as: UTF8.self)
    }
}
