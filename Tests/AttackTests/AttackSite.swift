import ApusTestSupport
import Foundation

/// What a reader is told: a run, and texts. Joining segments changes neither, so they are counted.
struct Answers: Sendable, Equatable {
    var run: String
    var texts: String
    var segments: Int
}

/// A scratch folder with inputs, an index from before the command, one from after it, and what readers are told of both.
final class AttackSite {
    let attacked: AttackCase
    let directory: String
    /// The index before the command; nothing for a first build.
    let before: String?
    let after: String
    private(set) var old: Answers?
    private(set) var new = Answers(run: "", texts: "", segments: 0)
    let oldIDs: [String]
    let newIDs: [String]
    private var copies = 0

    /// Files of others in the index's folder; a link is there besides.
    static let foreign = ["notes.txt", "README", "others/keep.txt"]
    /// Deleted before an index that was changed is attacked.
    static let deletedBefore = 0..<2
    /// Deleted by `delete`, and made unreadable for `repair`.
    static let deletedNow = 3..<9
    static let damaged = 4

    /// - Parameters:
    ///   - documents: Documents of the first build; nil means 30, and enough to reorder them for that.
    ///   - version: Other words make other texts.
    init(_ attacked: AttackCase, documents count: Int? = nil, added more: Int = 8, version: String = "before") throws {
        self.attacked = attacked
        directory = try Self.scratch()
        let documents = AttackDocuments(attacked.kind)
        let base = 0..<(count ?? (attacked.verb.isLarge ? 1100 : 30))
        let added = base.upperBound..<base.upperBound + more
        let changed = 0..<(base.count * 5 / 6)
        try documents.write(base, version, to: directory + "/base.jsonl")
        try documents.write(added, version, to: directory + "/added.jsonl")
        try documents.write(base.lowerBound..<added.upperBound, version, to: directory + "/both.jsonl")
        try documents.write(changed, "after", to: directory + "/changed.jsonl")
        try documents.write(base.upperBound - 3..<base.upperBound, "then", to: directory + "/then.jsonl")
        try documents.write(100_000..<100_001, "last", to: directory + "/last.jsonl")
        try documents.write(100_001..<100_002, "more", to: directory + "/more.jsonl")
        try documents.writeTopics(to: directory)
        if attacked.kind == .learned {
            try FileManager.default.copyItem(
                atPath: TestPaths.fixtures + "/LearnedEncoder/bert-max", toPath: directory + "/model")
        }
        let ids = { (numbers: [Int]) in numbers.map { "d\($0)" } }
        let both = Array(base.lowerBound..<added.upperBound)
        let left = both.filter { !Self.deletedBefore.contains($0) }
        oldIDs =
            switch attacked.verb {
            case .build, .reorder, .imported, .backup, .copy, .join, .joinCopies: []
            case .append, .resume, .replace: ids(Array(base))
            case .update, .delete, .merge, .mergeInOrder: ids(left)
            case .repair: ids(left.filter { $0 != Self.damaged })
            }
        newIDs =
            switch attacked.verb {
            case .build, .reorder, .imported: ids(Array(base))
            case .append, .resume, .update: ids(both)
            case .replace: ids(Array(changed))
            case .delete: ids(left.filter { !Self.deletedNow.contains($0) })
            case .merge, .mergeInOrder, .backup, .copy, .join, .joinCopies: ids(left)
            case .repair: ids(left.filter { $0 != Self.damaged })
            }
        before = attacked.verb.isFirst ? nil : directory + "/before/ix"
        after = directory + "/after/ix"
        for name in ["before", "after"] {
            try FileManager.default.createDirectory(atPath: directory + "/" + name, withIntermediateDirectories: true)
        }
        if attacked.verb.isBackup { try prepare(source(after)) }
        if attacked.verb == .imported { try exportLists() }
        if let before {
            try prepare(before)
            try Self.addForeign(to: before)
            if attacked.verb == .repair { try damageText(before) }
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
        guard unsafe access("/dev/shm", W_OK) == 0 else { return try TestPaths.temporaryDirectory() }
        let path = "/dev/shm/apus-attack-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// Builds the index that the command works on.
    private func prepare(_ index: String) throws {
        try Self.expectDone(AttackedTool.run(command(.build, index)))
        guard attacked.verb.needsChanges else { return }
        let vectors = attacked.kind == .vectors ? ["--vectors"] : []
        let deleted = Self.deletedBefore.map { "d\($0)" }
        for arguments in [
            ["add", index, directory + "/added.jsonl"] + vectors, ["delete", index] + deleted,
            // New versions of the same texts: other bytes, the ids of before.
            ["update", index, directory + "/then.jsonl"] + vectors,
        ] { try Self.expectDone(AttackedTool.run(arguments)) }
    }

    /// Writes the documents of the first build as CIFF.
    private func exportLists() throws {
        let index = directory + "/exported"
        for arguments in [
            command(.build, index), ["export", index, "--format", "ciff", "-o", directory + "/base.ciff"],
        ] { try Self.expectDone(AttackedTool.run(arguments)) }
    }

    /// Changes a letter of one document's text.
    private func damageText(_ index: String) throws {
        let mark = Data("before\(Self.damaged)".utf8)
        for name in try FileManager.default.contentsOfDirectory(atPath: index) where name.hasSuffix(".sqlite") {
            let path = URL(fileURLWithPath: index + "/" + name)
            guard var bytes = try? Data(contentsOf: path), let place = bytes.range(of: mark) else { continue }
            bytes[place.lowerBound] ^= 0x20
            try bytes.write(to: path)
            return
        }
        throw CocoaError(.fileNoSuchFile)
    }

    /// A fresh copy of what was before the command; nothing else lies in the folder that is returned.
    func copy() throws -> (root: String, index: String) {
        copies += 1
        let root = "\(directory)/work-\(copies)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        if let before { try FileManager.default.copyItem(atPath: before, toPath: root + "/ix") }
        if attacked.verb.isBackup {
            try FileManager.default.copyItem(atPath: directory + "/after/source", toPath: root + "/source")
        }
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

    private func answers(_ index: String, _ ids: [String]) throws -> Answers {
        let run = AttackedTool.run(search(index), .reader)
        let texts = AttackedTool.run(["get", index, "--json"] + ids, .reader)
        try Self.expectDone(run)
        try Self.expectDone(texts)
        return Answers(run: run.output, texts: texts.output, segments: Self.segments(index))
    }

    static func expectDone(_ ending: Ending) throws {
        guard ending.isDone else { throw NSError(domain: "attack: \(ending)", code: 1) }
    }
}
