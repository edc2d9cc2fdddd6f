import Apus
import CorpusFormats

/// A folder with queries and judgements.
struct Collection {
    private let path: String
    private let folder: BEIRFolder

    init(_ path: String) {
        self.path = path
        folder = BEIRFolder(path: path)
    }

    func queries() throws -> String {
        guard let queries = folder.queries else { throw ApusError.incompleteCollection(path: path, missing: "queries") }
        return queries
    }

    func qrels() throws -> String {
        guard let qrels = folder.qrels else { throw ApusError.incompleteCollection(path: path, missing: "judgements") }
        return qrels
    }
}
