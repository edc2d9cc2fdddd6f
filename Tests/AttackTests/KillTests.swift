import ApusTestSupport
import Foundation
import Testing

/// `kill -9` at any moment: readers find the old or the new commit whole, and the same command finishes the work.
@Suite struct KillTests {
    /// Operations between which the folder changes; a kill before any other equals one of these.
    private static let changing = "ownyutd"

    @Test(arguments: AttackCase.all)
    func aKillBeforeAnyFileOperationLeavesOneOfTwoCommits(attacked: AttackCase) throws {
        let site = try AttackSite(attacked)
        let findings = Findings("kill before each operation", attacked.testDescription)
        let counted = try site.copy()
        let (ending, log) = OperationLog.counting(
            site.command(counted.index), roots: site.roots(counted.index), operations: Self.changing, in: site.directory
        )
        try AttackSite.expectDone(ending)
        site.remove(counted.root)
        for number in AttackScale.choose(log.entries.count, sample: attacked.sample(6, others: 2, large: 2)) {
            let (root, index) = try site.copy()
            let killed = AttackedTool.run(
                site.command(index),
                Attack(mode: "kill", at: number + 1, operations: Self.changing, roots: site.roots(index)))
            var problems: [String] = []
            if killed.how != .signal(SIGKILL), killed.how != .exit(0) {
                problems.append("killed, but ended: \(killed)")
            }
            problems += site.observe(index).problems
            problems += site.finish(index)
            findings.add(
                "killed before \(log.entries[number].description) of \(log.entries.count)", problems, keeping: root)
            site.remove(root)
        }
        findings.report()
    }

    @Test(arguments: AttackCase.all)
    func aKillAtARandomMomentLeavesOneOfTwoCommits(attacked: AttackCase) throws {
        let site = try AttackSite(attacked)
        let findings = Findings("kill at random", attacked.testDescription)
        var random = SplitMix64(seed: AttackScale.seed)
        let timed = try site.copy()
        let start = Date()
        try AttackSite.expectDone(AttackedTool.run(site.command(timed.index)))
        let whole = Date().timeIntervalSince(start)
        site.remove(timed.root)
        let kills = (attacked.verb.isLarge ? 20 : 60) * AttackScale.rounds
        for _ in 0..<(AttackScale.isLong ? kills : attacked.sample(3, others: 1, large: 1)) {
            let (root, index) = try site.copy()
            let process = try AttackedTool.start(site.command(index))
            let wait = Double.random(in: 0...whole, using: &random)
            usleep(UInt32(wait * 1e6))
            kill(process.processIdentifier, SIGKILL)
            _ = process.wait()
            let problems = site.observe(index).problems + site.finish(index)
            findings.add("killed after \(Int(wait * 1e6)) µs", problems, keeping: root)
            site.remove(root)
        }
        findings.report()
    }

    @Test(arguments: AttackCase.Kind.allCases)
    func aFolderOfAFirstBuildThatDiedIsAcceptedByEveryWayToBuild(kind: AttackCase.Kind) throws {
        let site = try AttackSite(AttackCase(verb: .build, kind: kind))
        let findings = Findings("first build that died", kind.rawValue)
        let counted = try site.copy()
        let (ending, log) = OperationLog.counting(
            site.command(counted.index), roots: [counted.index], operations: Self.changing, in: site.directory)
        try AttackSite.expectDone(ending)
        for number in AttackScale.choose(log.entries.count, sample: kind == .bm25 ? 4 : 2, seed: 1) {
            for way in [[], ["--append"], ["--resume"], ["--replace"]] {
                let (root, index) = try site.copy()
                _ = AttackedTool.run(
                    site.command(index), Attack(mode: "kill", at: number + 1, operations: Self.changing, roots: [index])
                )
                let (state, problems) = site.observe(index)
                let built = AttackedTool.run(site.command(index) + way)
                var found = problems
                // An index with documents is refused by the plain command, and its ids by --append: that is right.
                // So is an empty first commit by the plain command, if it says how to go on.
                let mayRefuse =
                    state == .new && way != ["--resume"] && way != ["--replace"]
                    || way == [] && built.error.contains("--resume")
                if built.isDone {
                    let after = site.observe(index)
                    found +=
                        after.problems
                        + (after.state == .new
                            ? [] : ["done, but answers as \(after.state.map { "\($0)" } ?? "unknown")"])
                } else if !mayRefuse || built.how != .exit(1) || built.complaints.count != 1 {
                    found.append(
                        "state \(state.map { "\($0)" } ?? "unknown"), \(way.first ?? "the plain command"): \(built)")
                }
                findings.add(
                    "\(way.first ?? "plain") after a kill before \(log.entries[number].description)", found,
                    keeping: root)
                site.remove(root)
            }
        }
        findings.report()
    }
}
