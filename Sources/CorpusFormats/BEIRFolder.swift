/// Where a collection's files are: BEIR's layout, or `corpus.jsonl`, `queries.tsv` and `qrels.txt` side by side.
public struct BEIRFolder: Sendable, Equatable {
    /// The documents, when they are there.
    public let corpus: String?
    /// The queries, when they are there.
    public let queries: String?
    /// The judgements, when they are there; the test split where BEIR has several.
    public let qrels: String?

    /// Looks which files of a collection a folder has; each may end in `.gz` or `.zst`.
    public init(path: String) {
        func first(_ names: [String]) -> String? {
            let candidates = names.flatMap { ["\(path)/\($0)", "\(path)/\($0).gz", "\(path)/\($0).zst"] }
            return candidates.first { FolderListing.isFile($0) }
        }
        corpus = first(["corpus.jsonl"])
        queries = first(["queries.jsonl", "queries.tsv"])
        qrels = first(["qrels/test.tsv", "qrels.txt", "qrels.tsv"])
    }
}
