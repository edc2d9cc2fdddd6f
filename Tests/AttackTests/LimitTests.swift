import ApusTestSupport
import Foundation
import Testing

/// Little memory, other people's masks.
@Suite struct LimitTests {
    @Test(arguments: [AttackCase.Verb.reorder, .append, .replace].map { AttackCase(verb: $0, kind: .bm25) })
    func littleMemoryIsAnErrorAndNoHang(attacked: AttackCase) throws {
        let site = try AttackSite(attacked)
        let findings = Findings("little memory", attacked.testDescription)
        let limits = [
            100_000, 130_000, 150_000, 170_000, 200_000, 250_000, 300_000, 350_000, 400_000, 500_000, 700_000,
        ]
        for place in Set(AttackScale.choose(limits.count, sample: 2, seed: 11) + [2]).sorted() {
            let (root, index) = try site.copy()
            let ending = AttackedTool.shell(
                "ulimit -v \(limits[place]); exec \"$APUS\" \"$@\"", site.command(index), timeout: 60)
            var problems: [String] = []
            // Below what the libraries themselves need the loader says so.
            let isLoader = ending.error.contains("error while loading shared libraries")
            if !ending.isDone, !isLoader, ending.how != .exit(1) || ending.complaints.count != 1 {
                problems.append("\(ending)")
            }
            let (state, wrong) = site.observe(index)
            problems += wrong
            if ending.isDone, state != .new {
                problems.append("exit 0, but the index answers as \(state.map { "\($0)" } ?? "unknown")")
            }
            findings.add("\(limits[place]) KiB of address space", problems + site.finish(index), keeping: root)
            site.remove(root)
        }
        findings.report()
    }

    /// Every verb, from what the libraries need to what is plenty: exit 0, or exit 1 and one sentence. No hang.
    @Test(arguments: [AttackCase.Kind.bm25, .learned])
    func littleMemoryIsOneSentenceOfEveryVerb(kind: AttackCase.Kind) throws {
        let site = try AttackSite(AttackCase(verb: .update, kind: kind))
        let findings = Findings("little memory, every verb", kind.rawValue)
        let topics = site.directory + "/topics.tsv"
        let judgements = site.directory + "/qrels.tsv"
        try Data("query-id\tcorpus-id\tscore\n1\td5\t1\n2\td6\t1\n".utf8).write(
            to: URL(fileURLWithPath: judgements))
        let verbs: (String, String) -> [[String]] = { root, index in
            let model = kind == .bm25 ? [] : [["encode", "river stone", "--model", site.directory + "/model"]]
            return model + [
                ["index", site.directory + "/base.jsonl", "-o", root + "/new", "--model", "none"],
                ["add", index, site.directory + "/last.jsonl"], ["update", index, site.directory + "/changed.jsonl"],
                ["delete", index, "d5", "d6"], ["merge", index], ["check", index, "--deep"],
                ["check", index, "--repair"],
                ["backup", index, root + "/backup", "--copy"], ["export", index, "--texts"], ["get", index, "d5"],
                ["search", index, "river stone"], ["search", index, "--topics", topics],
                ["explain", index, "river stone", "d5"], ["stats", index, "--topics", topics],
                ["tune", index, "--topics", topics],
                ["evaluate", "--index", index, "--topics", topics, "--qrels", judgements], ["--help"],
            ]
        }
        let limits = Array(stride(from: 130_000, through: 400_000, by: 10_000))
        for (number, verb) in verbs("", "").enumerated() {
            for place in AttackScale.choose(limits.count, sample: 2, seed: UInt64(number)) {
                let (root, index) = try site.copy()
                let ending = AttackedTool.shell(
                    "ulimit -v \(limits[place]); exec \"$APUS\" \"$@\"", verbs(root, index)[number], timeout: 40)
                let isLoader = ending.error.contains("error while loading shared libraries")
                let isFine = ending.isDone || isLoader || ending.how == .exit(1) && ending.complaints.count == 1
                let check = AttackedTool.run(["check", index, "--deep"])
                findings.add(
                    "\(verb.first ?? "") within \(limits[place]) KiB",
                    (isFine ? [] : ["\(ending)"]) + (check.isDone ? [] : ["afterwards check: \(check)"]), keeping: root)
                site.remove(root)
            }
        }
        findings.report()
    }

    @Test(arguments: AttackCase.Verb.allCases)
    func aMaskOfTheUserHidesNoCommitFromOthers(verb: AttackCase.Verb) throws {
        if verb.isFirst { return }
        let site = try AttackSite(AttackCase(verb: verb, kind: .bm25))
        let findings = Findings("umask 077", verb.rawValue)
        let (root, index) = try site.copy()
        let ending = AttackedTool.shell("umask 077; exec \"$APUS\" \"$@\"", site.command(index))
        var problems = ending.isDone ? [] : ["\(ending)"]
        let (state, wrong) = site.observe(index)
        // Or it must have been said.
        if !(ending.error.contains("warning") || ending.error.contains("note:")) {
            problems += wrong
            if state != .new { problems.append("others are answered as \(state.map { "\($0)" } ?? "unknown")") }
        }
        findings.add("\(verb.rawValue) under umask 077", problems, keeping: root)
        findings.report()
    }
}
