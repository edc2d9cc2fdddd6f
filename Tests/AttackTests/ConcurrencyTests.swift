import ApusTestSupport
import Foundation
import Synchronization
import Testing

/// Two at once: no failed read, no failed append, no half commit; of two writers one may be refused.
@Suite(.serialized) struct ConcurrencyTests {
    /// Runs `read` in four loops of processes until `write` is done; `read` returns problems.
    private func beside(_ findings: Findings, write: () throws -> Void, read: @escaping @Sendable (Int) -> [String])
        throws
    {
        let flag = Flag()
        let group = DispatchGroup()
        for reader in 0..<4 {
            DispatchQueue(label: "reader \(reader)").async(group: group) {
                while !flag.isSet { flag.add(read(reader)) }
            }
        }
        defer {
            flag.set()
            group.wait()
            for problems in flag.problems { findings.add("a read", problems) }
        }
        try write()
    }

    private final class Flag: Sendable {
        private let state = Mutex((isSet: false, problems: [[String]]()))
        var isSet: Bool { state.withLock { $0.isSet } }
        var problems: [[String]] { state.withLock { $0.problems } }
        func set() { state.withLock { $0.isSet = true } }
        func add(_ problems: [String]) { state.withLock { $0.problems.append(problems) } }
    }

    @Test(arguments: [AttackCase.Kind.bm25, .learned])
    func readersBesideAppendsSeeWholeCommits(kind: AttackCase.Kind) throws {
        let site = try AttackSite(AttackCase(verb: .append, kind: kind))
        let findings = Findings("readers beside appends", kind.rawValue)
        let (_, index) = try site.copy()
        let documents = AttackDocuments(kind)
        let appends = AttackScale.isLong ? 200 * AttackScale.rounds : kind == .bm25 ? 20 : 6
        let seen = Mutex([Int](repeating: 0, count: 4))
        let acknowledged = Mutex<[Int]>([])
        let directory = site.directory
        try beside(findings) {
            for number in 0..<appends {
                let file = directory + "/one-\(number).jsonl"
                try documents.write(1000 + number..<1001 + number, "common", to: file)
                let ending = AttackedTool.run(["index", file, "-o", index, "--append"])
                if ending.isDone { acknowledged.withLock { $0.append(1000 + number) } }
                let there = AttackedTool.run(["get", index, "d\(1000 + number)"])
                findings.add(
                    "append \(number)",
                    ending.isDone && there.isDone
                        ? []
                        : ["append: \(ending)", "the document is \(there.isDone ? "there" : "not there: \(there)")"])
            }
        } read: { reader in
            // Whoever reads sees the documents of some commit: the appended ones from the first to one of them.
            let words =
                "river stone paper water light engine query index forest mountain model tree vector sparse wind garden"
            let run = AttackedTool.run(["search", index, words, "-k", "5000", "--json", "--mode", "bm25"], .reader)
            guard run.isDone else { return ["search: \(run)"] }
            let numbers = Set(run.output.matches(of: /"docid" ?: ?"d(\d+)"/).compactMap { Int($0.1) })
            let appended = numbers.filter { $0 >= 1000 }.count
            var problems: [String] = []
            if !numbers.isSuperset(of: 0..<30) { problems.append("search: a document of the first build is missing") }
            // What a failed append left is counted there.
            let earlier = acknowledged.withLock { $0 }.filter { $0 < numbers.max() ?? 0 }
            if !numbers.isSuperset(of: earlier) { problems.append("search: a later document without an earlier one") }
            let before = seen.withLock { seen in
                defer { seen[reader] = max(seen[reader], appended) }
                return seen[reader]
            }
            if appended < before { problems.append("search: \(appended) documents after \(before): an older commit") }
            let last = "d\(numbers.max() ?? 29)"
            let text = AttackedTool.run(["get", index, last, "d0"], .reader)
            if !text.isDone { problems.append("get \(last): \(text)") }
            return problems
        }
        findings.add("afterwards", AttackedTool.run(["check", index]).isDone ? [] : ["check fails"])
        findings.report()
    }

    @Test func readersBesideReplacementsSeeWholeCommits() throws {
        let site = try AttackSite(AttackCase(verb: .replace, kind: .bm25))
        let findings = Findings("readers beside replacements", "bm25")
        let (_, index) = try site.copy()
        let (search, old, new) = (site.search(index), site.old, site.new)
        try beside(findings) {
            for number in 0..<(AttackScale.isLong ? 50 * AttackScale.rounds : 8) {
                let command = site.command(.replace, index)
                let arguments =
                    number % 2 == 0
                    ? command : command.map { $0.replacingOccurrences(of: "changed.jsonl", with: "base.jsonl") }
                let ending = AttackedTool.run(arguments)
                findings.add("replacement \(number)", ending.isDone ? [] : ["\(ending)"])
            }
        } read: { _ in
            let run = AttackedTool.run(search, .reader)
            guard run.isDone else { return ["search: \(run)"] }
            var problems =
                run.output == old?.run || run.output == new.run ? [] : ["search answers neither as before nor as after"]
            let texts = AttackedTool.run(["get", index, "--json"] + (0..<25).map { "d\($0)" }, .reader)
            if !texts.isDone {
                problems.append("get: \(texts)")
            } else if old?.texts.hasPrefix(texts.output) != true, texts.output != new.texts {
                problems.append("get gives texts of neither")
            }
            return problems
        }
        findings.add("afterwards", AttackedTool.run(["check", index]).isDone ? [] : ["check fails"])
        findings.report()
    }

    /// Every document that a finished writer added has its text and is found; everyone else was told why not.
    private func accounts(
        _ site: AttackSite, _ index: String, _ writers: [(name: String, ending: Ending, ids: [String])]
    ) -> [String] {
        var problems: [String] = []
        for writer in writers {
            if writer.ending.isDone {
                if writer.ids.isEmpty { continue }
                let texts = AttackedTool.run(["get", index] + writer.ids, .reader)
                if !texts.isDone { problems.append("\(writer.name) ended with exit 0, but get: \(texts)") }
            } else if writer.ending.how != .exit(1) || writer.ending.complaints.count != 1 {
                problems.append("\(writer.name): \(writer.ending)")
            }
        }
        let check = AttackedTool.run(["check", index], .reader)
        if !check.isDone { problems.append("check: \(check)") }
        let run = AttackedTool.run(site.search(index), .reader)
        if !run.isDone { return problems + ["search: \(run)"] }
        let ids = Set(
            run.output.split(separator: "\n").compactMap {
                $0.split(separator: " ").dropFirst(2).first.map(String.init)
            })
        let texts = AttackedTool.run(["get", index] + ids.sorted(), .reader)
        if !texts.isDone { problems.append("\(ids.count) documents are found, but get: \(texts)") }
        return problems
    }

    @Test func anAppendThatWaitsWhileTheIndexIsReplacedJoinsTheNewOneOrIsRefused() throws {
        let site = try AttackSite(AttackCase(verb: .replace, kind: .bm25))
        let findings = Findings("append beside replace", "bm25")
        for round in 0..<(AttackScale.isLong ? 20 * AttackScale.rounds : 2) {
            let (root, index) = try site.copy()
            // The append holds or takes the lock before, while or after the other works.
            let script = """
                (sleep \(0.2 + 0.1 * Double(round % 4)); cat "$2") | "$APUS" index - -o "$1" --append > "$4.out" 2> "$4.err" & P=$!
                sleep \(round % 2 == 0 ? "0.1" : "0.25"); "$APUS" index "$3" -o "$1" --model none --replace > /dev/null; R=$?
                wait $P; echo "append $? replace $R"
                """
            let ending = AttackedTool.shell(
                script, [index, site.directory + "/added.jsonl", site.directory + "/changed.jsonl", root])
            let codes = ending.output.split(separator: " ").compactMap {
                Int32($0.trimmingCharacters(in: .whitespacesAndNewlines))
            }
            var problems: [String] = []
            if codes.count == 2 {
                let said = [".out", ".err"].map { (try? String(contentsOfFile: root + $0, encoding: .utf8)) ?? "" }
                    .joined()
                let append = Ending(how: .exit(codes[0]), output: "", error: said)
                let replace = Ending(how: .exit(codes[1]), output: "", error: ending.error)
                let added = (30..<38).map { "d\($0)" }
                let isThere = AttackedTool.run(["get", index] + added).isDone
                // A replacement that came after the append takes its documents away; that is its meaning.
                problems = accounts(
                    site, index,
                    [
                        ("append", append, isThere || codes[1] != 0 ? added : []),
                        ("replace", replace, (0..<25).map { "d\($0)" }),
                    ])
                if codes == [0, 0], !isThere, AttackedTool.run(site.search(index)).output != site.new.run {
                    problems.append("both exit 0, and neither order explains the answers")
                }
                if codes == [0, 0], !isThere, said.contains("now holds 8") == false, !said.contains("now holds 38") {
                    problems.append("both exit 0, the appended documents are gone: '\(said.prefix(200))'")
                }
            } else {
                problems = ["\(ending)"]
            }
            findings.add("round \(round)", problems, keeping: root)
            site.remove(root)
        }
        findings.report()
    }

    @Test func ofTwoFirstBuildsIntoOneFolderNoneIsLostThatWasAcknowledged() throws {
        let site = try AttackSite(AttackCase(verb: .build, kind: .bm25))
        let findings = Findings("two first builds", "bm25")
        for round in 0..<(AttackScale.isLong ? 20 * AttackScale.rounds : 2) {
            let (root, index) = try site.copy()
            let script = """
                (sleep \(0.05 + 0.1 * Double(round % 5)); cat "$2") | "$APUS" index - -o "$1" --model none > /dev/null 2> "$3.err" & P=$!
                sleep 0.0\(round % 7); "$APUS" index "$4" -o "$1" --model none > /dev/null; R=$?
                wait $P; echo "slow $? quick $R"
                """
            let ending = AttackedTool.shell(
                script, [index, site.directory + "/last.jsonl", root, site.directory + "/base.jsonl"])
            let codes = ending.output.split(separator: " ").compactMap {
                Int32($0.trimmingCharacters(in: .whitespacesAndNewlines))
            }
            var problems = codes.count == 2 ? [] : ["\(ending)"]
            if codes.count == 2 {
                let said = (try? String(contentsOfFile: root + ".err", encoding: .utf8)) ?? ""
                problems += accounts(
                    site, index,
                    [
                        ("the slow build", Ending(how: .exit(codes[0]), output: "", error: said), ["d100000"]),
                        (
                            "the quick build", Ending(how: .exit(codes[1]), output: "", error: ending.error),
                            (0..<30).map { "d\($0)" }
                        ),
                    ])
                if codes.allSatisfy({ $0 != 0 }) { problems.append("both were refused: \(ending), '\(said)'") }
            }
            findings.add("round \(round)", problems, keeping: root)
            site.remove(root)
        }
        findings.report()
    }

    @Test func writersInAnyOrderAreDoneOrRefused() throws {
        let site = try AttackSite(AttackCase(verb: .append, kind: .bm25))
        let findings = Findings("many writers", "bm25")
        let documents = AttackDocuments(.bm25)
        for round in 0..<(AttackScale.isLong ? 40 * AttackScale.rounds : 3) {
            let (root, index) = try site.copy()
            var running: [(String, RunningTool, [String])] = []
            for number in 0..<5 {
                let file = "\(site.directory)/writer-\(number).jsonl"
                let first = 2000 + number * 10
                try documents.write(first..<first + 3, "writer", to: file)
                let way = number == 4 ? "--resume" : "--append"
                let process = try AttackedTool.start(["index", file, "-o", index, way])
                running.append(("writer \(number)", process, (first..<first + 3).map { "d\($0)" }))
            }
            let writers = running.map { (name: $0.0, ending: $0.1.wait(), ids: $0.2) }
            var problems = accounts(
                site, index,
                writers + [("the first build", Ending(how: .exit(0), output: "", error: ""), (0..<30).map { "d\($0)" })]
            )
            for writer in writers where !writer.ending.isDone {
                if AttackedTool.run(["get", index, writer.ids[0]]).isDone {
                    problems.append("\(writer.name) exit 1, but its documents are there")
                }
            }
            if !writers.contains(where: { $0.ending.isDone }) { problems.append("all were refused") }
            findings.add("round \(round)", problems, keeping: root)
            site.remove(root)
        }
        findings.report()
    }
}
