import ApusTestSupport
import Foundation

/// An index that changes step by step, beside what it should hold: each document's version by number.
struct ChangingSite {
    enum Verb: String, Sendable, CaseIterable { case add, update, delete, merge, replace }

    /// A change that may be made, and what the index holds after it.
    struct Change {
        var verb: Verb
        var arguments: [String]
        var after: [Int: Int]
    }

    let kind: AttackCase.Kind
    let directory: String
    let index: String
    private(set) var holds: [Int: Int] = [:]
    private var next = 0
    private var version = 0

    init(documents: Int, kind: AttackCase.Kind = .bm25) throws {
        self.kind = kind
        directory = try TestPaths.temporaryDirectory()
        index = directory + "/root/ix"
        try FileManager.default.createDirectory(atPath: directory + "/root", withIntermediateDirectories: true)
        let first = try replacement(documents)
        try AttackSite.expectDone(AttackedTool.run(first.arguments))
        holds = first.after
    }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    mutating func took(_ holds: [Int: Int]) { self.holds = holds }

    private func write(_ numbers: [Int], _ version: Int) throws -> String {
        let word = Self.word(version)
        let lines = numbers.map { number in
            let text = "common \(word) n\(number % 7)"
            let vector = kind == .vectors ? #", "vector": {"common": 3, "\#(word)": \#(1 + number % 9)}"# : ""
            return #"{"_id": "d\#(number)", "text": "\#(text)"\#(vector)}"# + "\n"
        }
        let path = directory + "/input.jsonl"
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private var vectors: [String] { kind == .vectors ? ["--vectors"] : [] }

    private var model: [String] {
        switch kind {
        case .bm25: ["--model", "none"]
        case .learned: ["--model", TestPaths.fixtures + "/LearnedEncoder/bert-max"]
        case .vectors: ["--vectors"]
        }
    }

    private static func word(_ version: Int) -> String { "v\(version)" }

    private mutating func fresh(_ count: Int) -> [Int] {
        defer { next += count }
        return Array(next..<next + count)
    }

    private mutating func replacement(_ count: Int) throws -> Change {
        version += 1
        let numbers = fresh(count)
        let path = try write(numbers, version)
        return Change(
            verb: .replace, arguments: ["index", path, "-o", index, "--replace"] + model,
            after: Dictionary(uniqueKeysWithValues: numbers.map { ($0, version) }))
    }

    /// A change of this sort with its input written.
    mutating func change(_ verb: Verb, _ random: inout SplitMix64) throws -> Change {
        version += 1
        var after = holds
        let some = Array(holds.keys.sorted().shuffled(using: &random).prefix(Int.random(in: 1...9, using: &random)))
        switch verb {
        case .add, .update:
            let numbers = fresh(Int.random(in: 1...6, using: &random)) + (verb == .update ? some : [])
            for number in numbers { after[number] = version }
            return Change(
                verb: verb, arguments: [verb.rawValue, index, try write(numbers, version)] + vectors,
                after: after)
        case .delete:
            for number in some.dropLast() { after[number] = nil }
            let ids = some.dropLast().map { "d\($0)" } + ["unknown"]
            return Change(verb: verb, arguments: ["delete", index] + ids, after: after)
        case .merge:
            let order = Bool.random(using: &random) ? ["--keep-order"] : []
            let most = "\(Int.random(in: 1...2, using: &random))"
            return Change(verb: verb, arguments: ["merge", index, "--to", most] + order, after: after)
        case .replace: return try replacement(max(20, holds.count / 2))
        }
    }

    /// What the index holds as `export`, `search` and `check` have it, and everything that is wrong with it.
    func observe(_ index: String) -> (holds: [Int: Int]?, problems: [String]) {
        let export = AttackedTool.run(["export", index, "--texts"], .reader)
        guard export.isDone else { return (nil, ["export: \(export)"]) }
        let lines = export.output.split(separator: "\n")
        var holds: [Int: Int] = [:]
        for line in lines {
            guard let match = line.firstMatch(of: #/"_id":"d(\d+)".*"text":"common v(\d+) /#),
                let number = Int(match.1), let version = Int(match.2)
            else { return (nil, ["export: a line '\(line.prefix(80))'"]) }
            holds[number] = version
        }
        var problems = holds.count == lines.count ? [] : ["export gives a document twice"]
        // Texts and postings agree: every document is found once, and by its own version's word.
        let latest = holds.values.max() ?? 0
        for (word, wanted) in [
            ("common", Set(holds.keys)), (Self.word(latest), Set(holds.filter { $0.value == latest }.keys)),
        ] {
            let run = AttackedTool.run(["search", index, word, "-k", "9999", "--json", "--mode", "bm25"], .reader)
            let found = run.output.matches(of: /"docid" ?: ?"d(\d+)"/).compactMap { Int($0.1) }
            if !run.isDone { problems.append("search: \(run)") }
            if found.count != wanted.count || Set(found) != wanted {
                problems.append("'\(word)' finds \(found.count) documents, export has \(wanted.count) with it")
            }
        }
        if kind == .vectors { problems += learnedProblems(index, latest, holds) }
        let check = AttackedTool.run(["check", index, "--deep"], .reader)
        if !check.isDone { problems.append("check: \(check) \(check.output.prefix(300))") }
        return (holds, problems)
    }

    /// The learned field finds the documents of the newest version, and no others, by that version's term.
    private func learnedProblems(_ index: String, _ latest: Int, _ holds: [Int: Int]) -> [String] {
        let (topics, vectors) = (directory + "/topics.tsv", directory + "/vectors.jsonl")
        let term = Self.word(latest)
        try? Data("1\t\(term)\n".utf8).write(to: URL(fileURLWithPath: topics))
        try? Data((#"{"id": "1", "vector": {"\#(term)": 1}}"# + "\n").utf8).write(to: URL(fileURLWithPath: vectors))
        let run = AttackedTool.run(
            ["search", index, "--topics", topics, "--query-vectors", vectors, "--mode", "splade", "-k", "9999"], .reader
        )
        let found = run.output.split(separator: "\n").compactMap { line in
            line.split(separator: " ").dropFirst(2).first.flatMap { Int($0.dropFirst()) }
        }
        let wanted = Set(holds.filter { $0.value == latest }.keys)
        if !run.isDone { return ["learned search: \(run)"] }
        return found.count == wanted.count && Set(found) == wanted
            ? [] : ["the term '\(term)' finds \(found.count) documents, export has \(wanted.count) with it"]
    }
}
