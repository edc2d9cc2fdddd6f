import Foundation

/// The commands of a site.
extension AttackSite {
    /// Where the index that a backup is made of lies: beside the backup.
    func source(_ index: String) -> String { index.dropLast(3) + "/source/ix" }

    /// The folders whose operations are attacked.
    func roots(_ index: String) -> [String] { attacked.verb.isBackup ? [index, source(index)] : [index] }

    /// The attacked command's arguments.
    func command(_ index: String) -> [String] { command(attacked.verb, index) }

    func command(_ verb: AttackCase.Verb, _ index: String) -> [String] {
        let model: [String] =
            switch attacked.kind {
            case .bm25: ["--model", "none", "--filterable", "year"]
            case .learned: ["--model", directory + "/model"]
            case .vectors: ["--vectors"]
            }
        let vectors = attacked.kind == .vectors ? ["--vectors"] : []
        return switch verb {
        case .build, .reorder: ["index", directory + "/base.jsonl", "-o", index] + model
        case .imported: ["import", directory + "/base.ciff", "-o", index]
        case .append: ["index", directory + "/added.jsonl", "-o", index, "--append"] + vectors
        case .resume: ["index", directory + "/both.jsonl", "-o", index, "--resume"] + vectors
        case .replace: ["index", directory + "/changed.jsonl", "-o", index, "--replace"] + model
        case .update: ["update", index, directory + "/changed.jsonl"] + vectors
        case .delete: ["delete", index] + Self.deletedNow.map { "d\($0)" }
        case .merge: ["merge", index, "--keep-order"]
        case .mergeInOrder: ["merge", index]
        case .backup: ["backup", source(index), index]
        case .copy: ["backup", source(index), index, "--copy"]
        case .join: ["join", source(index), "-o", index]
        case .joinCopies: ["join", source(index), "-o", index, "--copy"]
        case .repair: ["check", index, "--repair"]
        }
    }

    /// What finishes the command's work whatever of it was done.
    func finishing(_ index: String) -> [String] {
        switch attacked.verb {
        case .build, .reorder: command(.build, index) + ["--resume"]
        case .append, .resume: command(.resume, index)
        // What is there already is whole.
        case .imported, .backup, .copy, .join, .joinCopies: ["check", index, "--deep"]
        case let verb: command(verb, index)
        }
    }

    /// Adds one more document: the next commit.
    func appendLast(_ index: String) -> [String] {
        ["index", directory + "/last.jsonl", "-o", index, "--append"] + (attacked.kind == .vectors ? ["--vectors"] : [])
    }

    /// And the one after it.
    func appendMore(_ index: String) -> [String] {
        appendLast(index).map { $0.replacingOccurrences(of: "last.jsonl", with: "more.jsonl") }
    }

    /// All topics, deeper than there are documents.
    func search(_ index: String) -> [String] {
        var arguments = ["search", index, "--topics", directory + "/topics.tsv", "-k", "2000", "-t", "1"]
        if attacked.kind == .vectors { arguments += ["--query-vectors", directory + "/queries.jsonl"] }
        return arguments
    }
}
