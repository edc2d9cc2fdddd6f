public import FileStorage

/// What can go wrong with an index.
public enum IndexError: Error, Equatable, Sendable {
    /// The directory holds no commit.
    case notAnIndex(path: String)
    /// The commit was written by a version with another format.
    case otherFormat(path: String, found: Int, supported: Int)
    /// A file does not hold what the commit promises.
    case corrupt(path: String, detail: String)
    /// An index is where a new one should be begun.
    case alreadyAnIndex(path: String)
    /// The commit that was asked for is not there.
    case noCommit(path: String, wanted: Int, found: [Int])
    /// Another process writes to the index.
    case locked(path: String, process: Int?)
    /// The file of a segment's texts failed for a reason outside of it.
    case texts(path: String, detail: String)
    /// A document with this id is in the index already.
    case duplicateDocument(id: String)
    /// The id is empty or holds white space, which no run file can carry.
    case invalidID(id: String)
    /// A weight is negative, infinite or not a number.
    case invalidWeight(term: String, weight: Float)
    /// A search for fewer than one document.
    case invalidDepth(Int)
    /// What another engine's postings come from cannot be read; a line that says why.
    case unreadable(String)
    /// Reading or writing failed.
    case storage(StorageError)
}

extension IndexError: CustomStringConvertible {
    /// One line: what happened, where, and what to do.
    public var description: String {
        switch self {
        case .notAnIndex(let path):
            "'\(path)' is no index. Create one with 'apus index … --output \(path)'."
        case .otherFormat(let path, let found, let supported):
            "'\(path)' has index format \(found), this version reads formats \(Commit.format) to \(supported). "
                + (found == Commit.formerFormat
                    ? "Convert it with 'apus upgrade \(Directory.parent(of: path))'."
                    : "Build the index again, or use the version that built it.")
        case .corrupt(let path, let detail):
            "'\(path)' is damaged: \(detail). Restore it from a copy or build the index again."
        case .alreadyAnIndex(let path):
            "'\(path)' holds an index already."
        case .noCommit(let path, let wanted, let found):
            "'\(path)' has no commit \(wanted); it has \(found.sorted().map(String.init).joined(separator: ", "))."
        case .locked(let path, let process):
            "Another process\(process.map { " (\($0))" } ?? "") is writing to '\(path)'. Wait for it to end."
        case .texts(let path, let detail):
            "The texts in '\(path)' failed: \(detail)."
        case .duplicateDocument(let id):
            "The index already has a document '\(id)'."
        case .invalidID(let id):
            "The id '\(id)' is empty or holds white space; a run file cannot carry it."
        case .invalidWeight(let term, let weight):
            "The weight \(weight) of '\(term)' is not a finite number of 0 or more."
        case .invalidDepth(let k):
            "At least one document must be asked for, not \(k)."
        case .unreadable(let line):
            line
        case .storage(let error):
            error.description
        }
    }
}
