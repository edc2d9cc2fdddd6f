import Foundation

/// What is found in an attacked index.
extension AttackSite {
    enum State: Equatable { case none, old, new }

    /// Segments of the newest commit.
    static func segments(_ index: String) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: index)) ?? []
        let newest = names.compactMap { name in
            name.hasPrefix("commit-") && name.hasSuffix(".json") ? Int(name.dropFirst(7).dropLast(5)) : nil
        }.max()
        let bytes = newest.flatMap { FileManager.default.contents(atPath: "\(index)/commit-\($0).json") } ?? Data()
        let line = bytes.split(separator: 10).first ?? Data()
        let commit = (try? JSONSerialization.jsonObject(with: line)) as? [String: Any]
        return (commit?["segments"] as? [Any])?.count ?? 0
    }

    /// What a reader without write permission finds: the state, and everything that is wrong with it.
    func observe(_ index: String, isFinished: Bool = false) -> (state: State?, problems: [String]) {
        Permissions.withoutWriting(index) { observed(index, isFinished) }
    }

    private func observed(_ index: String, _ isFinished: Bool) -> (state: State?, problems: [String]) {
        let run = AttackedTool.run(search(index), .reader)
        guard run.isDone else {
            let isNoIndex = run.how == .exit(1) && (run.error.contains("is no index") || run.error.contains("holds no"))
            if isNoIndex, before == nil { return (State.none, []) }
            return (nil, ["a reader's search: \(run)"])
        }
        // A first build may have committed an index without documents.
        if before == nil, run.output.isEmpty { return (State.none, []) }
        guard let state = state(run.output, index) else {
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
        let check = AttackedTool.run(["check", index, "--deep"], .reader)
        // Before a repair it is damaged, and until the repair has ended an older commit may be.
        let mayBeDamaged = attacked.verb == .repair && check.how == .exit(1) && !isFinished
        if !check.isDone, !mayBeDamaged {
            problems.append("search answers as \(state), check --deep: \(check) \(check.output.prefix(300))")
        }
        if check.isDone, attacked.verb == .repair, state == .old { problems.append("the damage is not found any more") }
        return (state, problems)
    }

    private func state(_ run: String, _ index: String) -> State? {
        guard run == new.run, run == old?.run else { return run == new.run ? .new : run == old?.run ? .old : nil }
        return Self.segments(index) == new.segments ? .new : .old
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
        let (state, wrong) = observe(index, isFinished: true)
        problems += wrong
        if let state, state != .new { problems.append("finished, but answers as \(state)") }
        let last = AttackedTool.run(appendLast(index))
        if !last.isDone { problems.append("the next append: \(last)") }
        if attacked.verb.isBackup {
            let check = AttackedTool.run(["check", source(index), "--deep"])
            if !check.isDone { problems.append("the index that was backed up: \(check) \(check.output.prefix(300))") }
            problems += Leftovers.list(source(index)).map { "left behind in the index that was backed up: \($0)" }
        }
        return problems + Leftovers.list(index).map { "left behind: \($0)" } + foreignLosses(index)
    }
}
