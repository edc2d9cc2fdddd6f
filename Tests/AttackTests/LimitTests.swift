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

    @Test(arguments: AttackCase.Verb.allCases)
    func aMaskOfTheUserHidesNoCommitFromOthers(verb: AttackCase.Verb) throws {
        let site = try AttackSite(AttackCase(verb: verb, kind: .bm25))
        if site.before == nil { return }
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
