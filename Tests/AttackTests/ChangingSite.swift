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

    let directory: String
    let index: String
    private(set) var holds: [Int: Int] = [:]
    private var next = 0
    private var version = 0

    init(documents: Int) throws {
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
        let lines = numbers.map { #"{"_id": "d\#($0)", "text": "common \#(Self.word(version)) n\#($0 % 7)"}"# + "\n" }
        let path = directory + "/input.jsonl"
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: path))
        return path
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
            verb: .replace, arguments: ["index", path, "-o", index, "--replace", "--model", "none"],
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
            return Change(verb: verb, arguments: [verb.rawValue, index, try write(numbers, version)], after: after)
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
        let check = AttackedTool.run(["check", index], .reader)
        if !check.isDone { problems.append("check: \(check)") }
        return (holds, problems)
    }
}
