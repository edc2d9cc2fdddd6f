import ApusTestSupport
import Foundation
import Testing

/// Each file operation fails, once or from there on: one line that names file and cause, nothing lost, nothing of others removed.
@Suite struct FailureTests {
    private static let causes = [
        "EIO": "Input/output error", "ENOSPC": "No space left", "EMFILE": "Too many open files",
        "EACCES": "Permission denied",
        "ENOMEM": "Cannot allocate memory",
    ]

    @Test(arguments: AttackCase.all)
    func aFailedOperationOfAWriterLosesNothing(attacked: AttackCase) throws {
        let site = try AttackSite(attacked)
        let findings = Findings("failed operation", attacked.testDescription)
        let counted = try site.copy()
        let (ending, log) = OperationLog.counting(
            site.command(counted.index), roots: site.roots(counted.index), in: site.directory)
        try AttackSite.expectDone(ending)
        site.remove(counted.root)
        let sample = attacked.sample(6, others: 2, large: 2)
        let modes = ["fail", "failforever", "short", "shortforever", "eintr", "eintrforever"]
        // To a repair bytes that the disk cannot give back are damaged ones.
        let codes = Self.causes.keys.sorted().filter { $0 != "EIO" || attacked.verb != .repair }
        var random = SplitMix64(seed: AttackScale.seed &+ 5)
        for number in AttackScale.choose(log.entries.count, sample: sample, seed: 2) {
            let entry = log.entries[number]
            var tries: [(String, String)] = []
            for mode in modes {
                if !mode.hasPrefix("fail") {
                    let fits =
                        mode.hasPrefix("short")
                        ? ["read", "write"] : ["create", "open", "read", "write", "sync", "lock"]
                    if fits.contains(entry.operation) { tries.append((mode, "")) }
                } else if AttackScale.isLong {
                    // Each operation twice with each kind of failing; all errors come to each sort of operation.
                    tries += codes.shuffled(using: &random).prefix(2 * AttackScale.rounds).map { (mode, $0) }
                } else {
                    tries.append((mode, codes.randomElement(using: &random) ?? "ENOSPC"))
                }
            }
            if !AttackScale.isLong {
                tries = [tries[0], tries[1]] + tries.dropFirst(2).shuffled(using: &random).prefix(1)
            }
            for (place, (mode, code)) in tries.enumerated() {
                let (root, index) = try site.copy()
                let reached = root + "-reached.log"
                let ending = AttackedTool.run(
                    site.command(index),
                    Attack(mode: mode, at: number + 1, code: code, roots: site.roots(index), log: reached),
                    timeout: 30)
                let hit = OperationLog(reached).entries.first
                try? FileManager.default.removeItem(atPath: reached)
                let problems = judge(site, index, ending, hit, mode, code)
                let finishes = AttackScale.isLong || place == number % 2
                findings.add(
                    "\(mode) \(code) at \((hit ?? entry).description) of \(log.entries.count)",
                    problems + (finishes && problems.isEmpty ? site.finish(index) : []), keeping: root)
                site.remove(root)
            }
        }
        findings.report()
    }

    private func judge(
        _ site: AttackSite, _ index: String, _ ending: Ending, _ hit: OperationLog.Entry?, _ mode: String,
        _ code: String
    ) -> [String] {
        var problems = complaint(ending, hit, mode, code)
        let (state, wrong) = site.observe(index)
        problems += wrong
        if ending.isDone, let state, state != .new { problems.append("exit 0, but the index answers as \(state)") }
        if ending.how == .exit(1), state == .new {
            problems.append("exit 1, but the commit stands: '\(ending.complaints.first ?? "")'")
        }
        if ending.isDone, mode.hasPrefix("fail"), let hit,
            ["write", "sync", "rename", "truncate"].contains(hit.operation),
            // The lock's file only says for people who holds it.
            !hit.path.hasSuffix("/write.lock"),
            ending.error.isEmpty || !ending.error.contains("warning")
        {
            problems.append("exit 0 without a warning: \(ending)")
        }
        return problems + site.foreignLosses(index)
    }

    /// Exit 0, or exit 1 and one line that names a file and the cause.
    private func complaint(
        _ ending: Ending, _ hit: OperationLog.Entry?, _ mode: String, _ code: String, names: [String] = ["/ix", "'ix"]
    ) -> [String] {
        if ending.isDone { return [] }
        guard ending.how == .exit(1) else { return ["\(ending)"] }
        let lines = ending.complaints
        guard lines.count == 1, let line = lines.first else {
            return ["\(lines.count) lines instead of one: \(ending)"]
        }
        var problems: [String] = []
        if !names.contains(where: { line.contains($0) }) { problems.append("the line names no file: '\(line)'") }
        // SQLite has words of its own for them.
        var words = ["disk I/O error", "unable to open database", "disk is full", "out of memory"]
        // To fcntl a lock of others may be EACCES.
        if hit?.operation == "lock", code == "EACCES" { words.append("database is locked") }
        // And an EIO from read(2) is a corrupt file system to it.
        if code == "EIO" { words.append("disk image is malformed") }
        if let cause = Self.causes[code],
            !([cause] + words).contains(where: { line.localizedCaseInsensitiveContains($0) })
        {
            problems.append("the line does not say '\(cause)': '\(line)'")
        }
        return problems
    }

    @Test(arguments: AttackCase.Kind.allCases)
    func aFailedOperationOfAReaderIsAnErrorThatNamesTheFile(kind: AttackCase.Kind) throws {
        let site = try AttackSite(AttackCase(verb: .append, kind: kind))
        let findings = Findings("failed operation of a reader", kind.rawValue)
        let index = site.after
        let ways: [(name: String, arguments: [String])] = [
            ("search", site.search(index)), ("get", ["get", index, "d1", "d31", "--json"]),
            ("explain", ["explain", index, "river stone paper", "d31", "--mode", "bm25"]), ("check", ["check", index]),
            ("stats", ["stats", index, "--json"]),
        ]
        var random = SplitMix64(seed: AttackScale.seed &+ 6)
        for (name, arguments) in ways {
            let (sound, log) = OperationLog.counting(arguments, roots: [index], in: site.directory)
            try AttackSite.expectDone(sound)
            for number in AttackScale.choose(log.entries.count, sample: 3, seed: 3) {
                let codes = Self.causes.keys.sorted().shuffled(using: &random).prefix(AttackScale.isLong ? 5 : 1)
                var tries = codes.flatMap { [("fail", $0), ("failforever", $0)] }
                tries += [("short", ""), ("shortforever", ""), ("eintr", ""), ("eintrforever", "")]
                for (mode, code) in AttackScale.isLong ? tries : Array(tries.prefix(2)) {
                    let ending = AttackedTool.run(
                        arguments, Attack(mode: mode, at: number + 1, code: code, roots: [index]), timeout: 30)
                    var problems = complaint(ending, log.entries[number], mode, code)
                    if ending.isDone, ending.output != sound.output {
                        problems.append("exit 0 with another answer: \(ending.output.prefix(200))")
                    }
                    findings.add("\(name), \(mode) \(code) at \(log.entries[number].description)", problems)
                }
            }
        }
        let (_, problems) = site.observe(index)
        findings.add("afterwards", problems)
        findings.report()
    }

    @Test func aFailedOperationOnInputOrModelIsAnErrorThatNamesTheFile() throws {
        let site = try AttackSite(AttackCase(verb: .append, kind: .learned))
        let findings = Findings("failed operation on input or model", "append learned")
        let roots = [site.directory + "/added.jsonl", site.directory + "/model"]
        let (counted, _) = try site.copy()
        let path = site.directory + "/inputs.log"
        try AttackSite.expectDone(
            AttackedTool.run(site.command(counted + "/ix"), Attack(mode: "count", roots: roots, log: path)))
        let entries = OperationLog(path).entries
        var random = SplitMix64(seed: AttackScale.seed &+ 8)
        for number in AttackScale.choose(entries.count, sample: 8, seed: 12) {
            let codes = Self.causes.keys.sorted().shuffled(using: &random).prefix(AttackScale.isLong ? 5 : 1)
            for (mode, code) in codes.flatMap({ [("fail", $0), ("failforever", $0)] }) + [("short", ""), ("eintr", "")]
            {
                let (root, index) = try site.copy()
                let ending = AttackedTool.run(
                    site.command(index), Attack(mode: mode, at: number + 1, code: code, roots: roots), timeout: 30)
                var problems = complaint(ending, entries[number], mode, code, names: ["added.jsonl", "/model"])
                let (state, wrong) = site.observe(index)
                problems += wrong
                if let state, state != (ending.isDone ? .new : .old) {
                    problems.append("\(ending.how), but the index answers as \(state)")
                }
                findings.add(
                    "\(mode) \(code) at \(entries[number].description)", problems + site.foreignLosses(index),
                    keeping: root)
                site.remove(root)
            }
        }
        findings.report()
    }

    @Test func aFirstBuildThatFailsRemovesOnlyItsOwnFiles() throws {
        let site = try AttackSite(AttackCase(verb: .build, kind: .bm25))
        let findings = Findings("first build that fails", "bm25")
        let good = #"{\"_id\": \"a\", \"text\": \"fish\"}"#
        let script = """
            cd "$1" && mkdir there && ln -s there linked && if [ "$2" != new ]; then touch there/.keep; rm there/.keep; fi
            target=$3; { echo "\(good)"; for i in $(seq 300); do [ -e "$target/write.lock" ] && break; sleep 0.01; done
            sleep 0.1; mkdir -p "$target"; echo others > "$target/mine.txt"; echo '{"_id": "b", broken'; } |
                "$APUS" index - -o "$target" --model none
            """
        for (name, target) in [("new", "fresh"), ("a folder that was there", "there"), ("a link", "linked")] {
            let (root, _) = try site.copy()
            let ending = AttackedTool.shell(script, [root, name, target])
            var problems: [String] = []
            if ending.how != .exit(1) || ending.complaints.count != 1 { problems.append("\(ending)") }
            if FileManager.default.contents(atPath: "\(root)/\(target)/mine.txt") != Data("others\n".utf8) {
                problems.append("the file of others is gone")
            }
            if target == "linked",
                (try? FileManager.default.destinationOfSymbolicLink(atPath: root + "/linked")) != "there"
            {
                problems.append("the link is gone")
            }
            findings.add("a build into \(name) that meets a bad line", problems, keeping: root)
            site.remove(root)
        }
        findings.report()
    }

    /// What a killed writer left goes first; where that cannot be made sure of, the next one says so and goes on.
    @Test func whatCouldNotBeRemovedIsSaid() throws {
        let site = try AttackSite(AttackCase(verb: .update, kind: .bm25))
        let findings = Findings("removing what is left", "bm25")
        let (root, index) = try site.copy()
        for name in ["seg-900.safetensors", "seg-901.sqlite"] {
            try Data("left".utf8).write(to: URL(fileURLWithPath: index + "/" + name))
        }
        let ending = AttackedTool.run(
            site.command(index), Attack(mode: "fail", at: 1, code: "EIO", operations: "y", roots: [index]))
        var problems =
            ending.isDone && ending.error.contains("warning: Files that no commit needs") ? [] : ["\(ending)"]
        let (state, wrong) = site.observe(index)
        problems += wrong + (state == .new ? [] : ["the change is not there"])
        findings.add("the folder cannot be synced", problems + Leftovers.list(index), keeping: root)
        site.remove(root)
        // A commit that stays keeps its files.
        let counted = try site.copy()
        let (_, log) = OperationLog.counting(
            site.command(counted.index), roots: [counted.index], operations: "u", in: site.directory)
        for number in log.entries.indices {
            let (root, index) = try site.copy()
            let ending = AttackedTool.run(
                site.command(index),
                Attack(mode: "fail", at: number + 1, code: "EACCES", operations: "u", roots: [index]))
            let check = AttackedTool.run(["check", index, "--deep"])
            findings.add(
                "fail EACCES at \(log.entries[number].description)",
                (ending.isDone ? [] : ["\(ending)"])
                    + (check.isDone ? [] : ["afterwards check: \(check) \(check.output)"])
                    + site.finish(index), keeping: root)
            site.remove(root)
        }
        findings.report()
    }

    @Test(arguments: [AttackCase.Verb.append, .resume, .replace].map { AttackCase(verb: $0, kind: .bm25) })
    func filesOfOthersAreNeverRemovedWhateverTheirNames(attacked: AttackCase) throws {
        let site = try AttackSite(attacked)
        let findings = Findings("files of others", attacked.testDescription)
        let names = [
            "seg-notes.txt", "seg-1.txt", "seg-900.safetensors.bak", "commit-notes.json", "commit-2.json.orig",
            "notes.tmp",
            "documents.sqlite.bak", "write.lock.txt", "segments", ".hidden", "seg-1.live-notes", "commit-.json",
            "seg-.sqlite",
        ]
        let (root, index) = try site.copy()
        for name in names { try Data("of others".utf8).write(to: URL(fileURLWithPath: index + "/" + name)) }
        var problems: [String] = []
        for arguments in [site.command(index), site.appendLast(index), site.appendMore(index)] {
            let ending = AttackedTool.run(arguments)
            if !ending.isDone { problems.append("\(arguments.dropFirst(2).joined(separator: " ")): \(ending)") }
        }
        for name in names {
            let isThere = FileManager.default.contents(atPath: index + "/" + name) == Data("of others".utf8)
            findings.add("a file '\(name)'", problems + (isThere ? [] : ["it is gone or changed"]), keeping: root)
        }
        findings.report()
    }
}
