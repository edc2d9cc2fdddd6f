import ApusTestSupport
import Foundation
import Testing

/// What is attacked: a command, and the kind of index that it works on.
struct AttackCase: Sendable, CustomTestStringConvertible {
    enum Verb: String, Sendable, CaseIterable { case build, append, resume, replace, reorder }
    enum Kind: String, Sendable, CaseIterable { case bm25, learned, vectors }
    var verb: Verb
    var kind: Kind

    var testDescription: String { "\(verb.rawValue) \(kind.rawValue)" }

    static let all =
        Verb.allCases.map { AttackCase(verb: $0, kind: .bm25) }
        + [Kind.learned, .vectors].flatMap { kind in
            [Verb.build, .append, .replace].map { AttackCase(verb: $0, kind: kind) }
        }
}

/// What a reader is told: a run, and texts.
struct Answers: Sendable, Equatable {
    var run: String
    var texts: String
}

/// A scratch folder with inputs, an index from before the command, one from after it, and what readers are told of both.
final class AttackSite {
    let attacked: AttackCase
    let directory: String
    /// The index before the command; nothing for a first build.
    let before: String?
    let after: String
    private(set) var old: Answers?
    private(set) var new = Answers(run: "", texts: "")
    private let oldIDs: [String]
    private let newIDs: [String]
    private var copies = 0

    /// Files of others in the index's folder; a link is there besides.
    static let foreign = ["notes.txt", "README", "others/keep.txt"]

    /// - Parameters:
    ///   - documents: Documents of the first build; nil means 30, and enough to reorder them for that.
    ///   - version: Other words make other texts.
    init(_ attacked: AttackCase, documents count: Int? = nil, added more: Int = 8, version: String = "before") throws {
        self.attacked = attacked
        directory = try Self.scratch()
        let documents = AttackDocuments(attacked.kind)
        let base = 0..<(count ?? (attacked.verb == .reorder ? 1100 : 30))
        let added = base.upperBound..<base.upperBound + more
        let changed = 0..<(base.count * 5 / 6)
        try documents.write(base, version, to: directory + "/base.jsonl")
        try documents.write(added, version, to: directory + "/added.jsonl")
        try documents.write(base.lowerBound..<added.upperBound, version, to: directory + "/both.jsonl")
        try documents.write(changed, "after", to: directory + "/changed.jsonl")
        try documents.write(100_000..<100_001, "last", to: directory + "/last.jsonl")
        try documents.write(100_001..<100_002, "more", to: directory + "/more.jsonl")
        try documents.writeTopics(to: directory)
        if attacked.kind == .learned {
            try FileManager.default.copyItem(
                atPath: TestPaths.fixtures + "/LearnedEncoder/bert-max", toPath: directory + "/model")
        }
        let isFirst = attacked.verb == .build || attacked.verb == .reorder
        oldIDs = isFirst ? [] : base.map { "d\($0)" }
        newIDs =
            switch attacked.verb {
            case .build, .reorder: base.map { "d\($0)" }
            case .append, .resume: (base.lowerBound..<added.upperBound).map { "d\($0)" }
            case .replace: changed.map { "d\($0)" }
            }
        before = isFirst ? nil : directory + "/before/ix"
        after = directory + "/after/ix"
        for name in ["before", "after"] {
            try FileManager.default.createDirectory(atPath: directory + "/" + name, withIntermediateDirectories: true)
        }
        if let before {
            try Self.expectDone(AttackedTool.run(command(.build, before)))
            try Self.addForeign(to: before)
            try FileManager.default.copyItem(atPath: before, toPath: after)
            old = try answers(before, oldIDs)
        }
        try Self.expectDone(AttackedTool.run(command(after)))
        new = try answers(after, newIDs)
        guard old != new else { throw CocoaError(.featureUnsupported) }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// A folder in memory where there is one: the attacks are thousands of synced files.
    private static func scratch() throws -> String {
        guard access("/dev/shm", W_OK) == 0 else { return try TestPaths.temporaryDirectory() }
        let path = "/dev/shm/apus-attack-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// The attacked command's arguments.
    func command(_ index: String) -> [String] { command(attacked.verb, index) }

    func command(_ verb: AttackCase.Verb, _ index: String) -> [String] {
        let model: [String] =
            switch attacked.kind {
            case .bm25: ["--model", "none"]
            case .learned: ["--model", directory + "/model"]
            case .vectors: ["--vectors"]
            }
        let vectors = attacked.kind == .vectors ? ["--vectors"] : []
        return switch verb {
        case .build, .reorder: ["index", directory + "/base.jsonl", "-o", index] + model
        case .append: ["index", directory + "/added.jsonl", "-o", index, "--append"] + vectors
        case .resume: ["index", directory + "/both.jsonl", "-o", index, "--resume"] + vectors
        case .replace: ["index", directory + "/changed.jsonl", "-o", index, "--replace"] + model
        }
    }

    /// What finishes the command's work whatever of it was done.
    func finishing(_ index: String) -> [String] {
        switch attacked.verb {
        case .build, .reorder: command(.build, index) + ["--resume"]
        case .append, .resume: command(.resume, index)
        case .replace: command(.replace, index)
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

    /// A fresh copy of what was before the command; nothing else lies in the folder that is returned.
    func copy() throws -> (root: String, index: String) {
        copies += 1
        let root = "\(directory)/work-\(copies)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        if let before { try FileManager.default.copyItem(atPath: before, toPath: root + "/ix") }
        return (root, root + "/ix")
    }

    func remove(_ root: String) { try? FileManager.default.removeItem(atPath: root) }

    static func addForeign(to index: String) throws {
        try FileManager.default.createDirectory(atPath: index + "/others", withIntermediateDirectories: true)
        for name in foreign { try Data("of others".utf8).write(to: URL(fileURLWithPath: index + "/" + name)) }
        try FileManager.default.createSymbolicLink(atPath: index + "/link", withDestinationPath: "notes.txt")
    }

    /// Foreign files that are gone or changed.
    func foreignLosses(_ index: String) -> [String] {
        guard before != nil else { return [] }
        return (Self.foreign + ["link"]).filter {
            FileManager.default.contents(atPath: index + "/" + $0) != Data("of others".utf8)
        }.map { "the foreign file '\($0)' is gone or changed" }
    }

    // MARK: reading

    func search(_ index: String) -> [String] {
        var arguments = ["search", index, "--topics", directory + "/topics.tsv", "-k", "2000", "-t", "1"]
        if attacked.kind == .vectors { arguments += ["--query-vectors", directory + "/queries.jsonl"] }
        return arguments
    }

    private func answers(_ index: String, _ ids: [String]) throws -> Answers {
        let run = AttackedTool.run(search(index), .reader)
        let texts = AttackedTool.run(["get", index, "--json"] + ids, .reader)
        try Self.expectDone(run)
        try Self.expectDone(texts)
        return Answers(run: run.output, texts: texts.output)
    }

    static func expectDone(_ ending: Ending) throws {
        guard ending.isDone else { throw NSError(domain: "attack: \(ending)", code: 1) }
    }

    enum State: Equatable { case none, old, new }

    /// What a reader without write permission finds: the state, and everything that is wrong with it.
    func observe(_ index: String) -> (state: State?, problems: [String]) {
        Permissions.withoutWriting(index) { observed(index) }
    }

    private func observed(_ index: String) -> (state: State?, problems: [String]) {
        let run = AttackedTool.run(search(index), .reader)
        guard run.isDone else {
            let isNoIndex = run.how == .exit(1) && (run.error.contains("is no index") || run.error.contains("holds no"))
            if isNoIndex, before == nil { return (State.none, []) }
            return (nil, ["a reader's search: \(run)"])
        }
        // A first build may have committed an index without documents.
        if before == nil, run.output.isEmpty { return (State.none, []) }
        guard let state: State = run.output == new.run ? .new : run.output == old?.run ? .old : nil else {
            let lines = run.output.split(separator: "\n")
            return (
                nil,
                ["a reader's search answers neither as before nor as after: \(lines.count) lines, \(lines.first ?? "")"]
            )
        }
        var problems: [String] = []
        let texts = AttackedTool.run(["get", index, "--json"] + (state == .new ? newIDs : oldIDs), .reader)
        if !texts.isDone {
            problems.append("search answers as \(state), get: \(texts)")
        } else if texts.output != (state == .new ? new : old)?.texts {
            problems.append("search answers as \(state), get gives other texts")
        }
        let check = AttackedTool.run(["check", index], .reader)
        if !check.isDone { problems.append("search answers as \(state), check: \(check)") }
        return (state, problems)
    }

    /// Finishes the work and makes the next commit: what is then not as after an undisturbed command.
    func finish(_ index: String) -> [String] {
        var problems: [String] = []
        let again = AttackedTool.run(command(index))
        if !again.isDone {
            if again.how != .exit(1) || again.complaints.count != 1 {
                problems.append("the same command again: \(again)")
            }
            let finishing = AttackedTool.run(finishing(index))
            if !finishing.isDone { return problems + ["neither the same command nor --resume finishes: \(finishing)"] }
        }
        let (state, wrong) = observe(index)
        problems += wrong
        if let state, state != .new { problems.append("finished, but answers as \(state)") }
        let last = AttackedTool.run(appendLast(index))
        if !last.isDone { problems.append("the next append: \(last)") }
        return problems + Leftovers.list(index).map { "left behind: \($0)" } + foreignLosses(index)
    }
}
