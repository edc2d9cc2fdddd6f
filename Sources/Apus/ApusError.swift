import CorpusFormats
import FileStorage
import InvertedIndex
import LearnedEncoder

/// What can go wrong in a use case, beyond what the modules below report themselves.
public enum ApusError: Error, Sendable {
    /// An index exists where a new one should be made.
    case indexExists(path: String)
    /// A document of the input is in the index already.
    case alreadyIndexed(id: String, path: String, line: Int)
    /// The input holds no documents.
    case emptyCorpus(path: String)
    /// The index was built with another model than the one at hand.
    case otherModel(index: String, indexed: String, found: String)
    /// The output directory holds files, but no index.
    case notEmpty(path: String)
    /// Nothing that is indexed of a folder is there any more.
    case everythingGone(folder: String, index: String, documents: Int)
    /// Something is where a new folder should be made.
    case outputExists(path: String)
    /// No document has this id.
    case noDocument(id: String, index: String)
    /// The index says something about itself that this version does not understand.
    case unknownSetting(index: String, name: String, value: String)
    /// The index was begun with another setting than is asked for now.
    case otherSetting(index: String, name: String, indexed: String, asked: String)
    /// The terms of the model's vectors are no tokens, so a title has none.
    case noTitleTerms(model: String)
    /// Two indexes that are to be one were made in different ways.
    case unlikeIndexes(first: String, second: String, name: String, firstValue: String, secondValue: String)
    /// Two indexes that are to be one have a document with the same id.
    case repeatedDocument(id: String, first: String, second: String)
    /// A part of an index was not built to its end.
    case unfinishedPart(path: String)
    /// The numbers that were brought say nothing of a term.
    case unknownStatistics(term: String)
    /// Lists or numbers of another search than is to be made of them.
    case otherLists(path: String, name: String)
    /// Lists are shorter than the answers that are to be made of them.
    case shallowLists(depth: Int, wanted: Int)
    /// There are no two lists to fuse.
    case nothingToFuse(index: String)
    /// Too few queries have judgements.
    case tooFewQueries(judged: Int, needed: Int)
    /// Learned queries are needed, and nothing here can make them.
    case noLearnedQueries(index: String)
    /// The index was begun with other rules for leaving learned terms out.
    case otherPruning(index: String, indexed: StaticPruning, asked: StaticPruning)
    /// A limit on the process's memory leaves too little of it.
    case outOfMemory(needed: Int, left: Int)
    /// A collection folder lacks a part.
    case incompleteCollection(path: String, missing: String)
    /// A bundled model is asked for in a program that was built without it.
    case noBundledModel
    /// A word that is neither a folder nor the name of a model in this program.
    case unknownModel(name: String, known: [String])
    /// A pruned traversal returned something else than exhaustive scoring.
    case notExact(query: String, traversal: String, detail: String)
}

extension ApusError: CustomStringConvertible {
    /// One line: what happened, where, and what to do.
    public var description: String {
        switch self {
        case .indexExists(let path):
            "'\(path)' already holds an index. Add --append to add documents, --replace to build it anew, "
                + "or --resume to go on after an interruption; 'apus sync FOLDER \(path)' takes over what changed in a folder."
        case .alreadyIndexed(let id, let path, let line):
            "'\(path)' line \(line): document '\(id)' is in the index already. Add --resume to skip such documents."
        case .emptyCorpus(let path):
            "'\(path)' holds no documents. Nothing was indexed."
        case .otherModel(let index, let indexed, let found):
            "'\(index)' was built with the model \(indexed), not \(found). "
                + "Name the right one with --model, search with --mode bm25, or add --force."
        case .notEmpty(let path):
            "'\(path)' holds other files and no index. Name a new or empty directory with --output."
        case .everythingGone(let folder, let index, let documents):
            "None of the \(documents) document\(documents == 1 ? "" : "s") that '\(index)' holds of '\(folder)' is there any more. "
                + "Is it the right folder, and is its disk mounted? --allow-empty deletes them all."
        case .outputExists(let path):
            "'\(path)' is there already. Name a new folder with --output."
        case .noDocument(let id, let index):
            "'\(index)' has no document '\(id)'."
        case .unknownSetting(let index, let name, let value):
            "'\(index)' was built with \(name) '\(value)', which this version of apus does not know. "
                + "Use the version that built it, or build it again."
        case .otherSetting(let index, let name, let indexed, let asked):
            "'\(index)' was begun with \(name) '\(indexed)', not '\(asked)'. Leave the option out, or build it anew with --replace."
        case .noTitleTerms(let model):
            "'--title-boost' raises the terms of a title's tokens, and those of the model '\(model)' are none. Leave the option out."
        case .unlikeIndexes(let first, let second, let name, let firstValue, let secondValue):
            "'\(first)' and '\(second)' cannot be one index: \(name) is '\(firstValue)' in the one and '\(secondValue)' in the other. "
                + "Build them with the same settings."
        case .repeatedDocument(let id, let first, let second):
            "The document '\(id)' is in '\(first)' and in '\(second)'. Delete it from one of them with 'apus delete', "
                + "or let 'apus join --replace-known' take the later one."
        case .unfinishedPart(let path):
            "'\(path)' holds an interrupted build. Finish it with 'apus index … --resume' first."
        case .unknownStatistics(let term):
            "The statistics say nothing of the term '\(term)'. Make them with the same topics and options, "
                + "'apus stats SHARD --topics FILE --statistics FILE', of every shard."
        case .otherLists(let path, let name):
            "'\(path)' is of another search: its \(name) is another one. Make all lists and statistics with the same topics, options and shards."
        case .shallowLists(let depth, let wanted):
            "The lists are \(depth) documents deep, and \(wanted) are asked for. Search every shard with the same -k and --depth."
        case .nothingToFuse(let index):
            "'\(index)' has no learned field, so there is nothing to fuse. Build it with a model, or with --vectors."
        case .tooFewQueries(let judged, let needed):
            "\(judged) of the topics have judgements, and \(needed) are needed. Give more, or fewer --folds."
        case .noLearnedQueries(let index):
            "'\(index)' has no encoder at hand to make learned queries with. "
                + "Name the model's folder with --model, or give the queries' vectors with --query-vectors."
        case .otherPruning(let index, let indexed, let asked):
            "'\(index)' keeps \(indexed) of each document, not \(asked). "
                + "Add documents without pruning options, or build the index anew."
        case .outOfMemory(let needed, let left):
            "The limit on memory leaves \(left >> 20) MB of address space, and \(needed >> 20) MB are needed. "
                + "Raise it ('ulimit -v') and try again."
        case .incompleteCollection(let path, let missing):
            "'\(path)' has no \(missing). A collection folder holds corpus.jsonl, queries.jsonl (or .tsv) and "
                + "qrels/test.tsv (or qrels.txt)."
        case .noBundledModel:
            "This program was built without the bundled model: link the product ApusBundledModel and call BundledModel.register(), "
                + "or name a model's folder."
        case .unknownModel(let name, let known):
            "'\(name)' is neither a folder here nor a model of this program"
                + (known.isEmpty ? ", which carries none. " : " (\(known.joined(separator: ", "))). ")
                + "Give the path of a model's folder\(known.isEmpty ? "" : ", or one of these names")."
        case .notExact(let query, let traversal, let detail):
            "Traversal '\(traversal)' is not exact for the query '\(query)': \(detail). Please report this."
        }
    }
}
