import Foundation

/// The shape of a corpus.
public enum CorpusFormat: String, Sendable, CaseIterable {
    /// BEIR: a folder with `corpus.jsonl`, or such a file: `{"_id", "title", "text", "metadata"}`.
    case beir
    /// One JSON object on each line, `{"id", "contents"}` as in Anserini, or a folder of such files.
    case jsonl
    /// MS MARCO: id, tab, text.
    case tsv
    /// A folder of texts, Markdown, reStructuredText, pages, PDFs and mail, or one such file; the id is the path inside the folder.
    case folder
    /// TREC markup: `<DOC><DOCNO>…</DOCNO>…</DOC>`.
    case trec

    /// Tells the format of a file from its first bytes, then from its name.
    static func detect(name: String, start: ArraySlice<UInt8>, path: String) throws(FormatError) -> CorpusFormat {
        let text = start.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        guard let first = text.first else {
            // An empty file is an empty corpus of the format its name says.
            if let named = named(name) { return named }
            throw .unknownFormat(path: path, found: "is empty")
        }
        let line = text.prefix { $0 != 0x0A }
        switch first {
        case UInt8(ascii: "{"):
            let isBEIR = name.hasPrefix("corpus.") || String(decoding: line, as: UTF8.self).contains("\"_id\"")
            return isBEIR ? .beir : .jsonl
        case UInt8(ascii: "<"):
            if Markup.isPage(text) {
                throw .foreign(
                    path: path, found: "an HTML page", advice: "Name it .html, or read it with --format folder.")
            }
            return .trec
        case UInt8(ascii: "["):
            throw .unknownFormat(
                path: path, found: "is one JSON array; one object on each line is needed, as 'jq -c .[]' writes them")
        default:
            if line.contains(0x09) { return .tsv }
            if let named = named(name) { return named }
            throw .unknownFormat(path: path, found: "starts with neither '{' nor '<' and has no tab in its first line")
        }
    }

    private static func named(_ name: String) -> CorpusFormat? {
        let packed = [".gz", ".zst"].first { name.hasSuffix($0) }
        let plain = String(name.dropLast(packed?.count ?? 0))
        if plain == "corpus.jsonl" { return .beir }
        switch (plain as NSString).pathExtension.lowercased() {
        case "jsonl", "json", "ndjson": return .jsonl
        case "tsv": return .tsv
        case "sgml", "trec", "xml": return .trec
        default: return nil
        }
    }
}
