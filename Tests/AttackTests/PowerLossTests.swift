import ApusTestSupport
import Foundation
import Testing

/// Power is lost after any operation: what was acknowledged is there and opens.
@Suite struct PowerLossTests {
    @Test(arguments: AttackCase.all)
    func whatWasAcknowledgedSurvivesALossOfPower(attacked: AttackCase) throws {
        let site = try AttackSite(attacked)
        let findings = Findings("power loss", attacked.testDescription)
        let (root, index) = try site.copy()
        let start = CrashStates.tree(root)
        let path = site.directory + "/operations.log"
        let ending = AttackedTool.run(site.command(index), Attack(mode: "log", roots: [root], log: path))
        try AttackSite.expectDone(ending)
        let log = OperationLog(path, hasData: true)
        var states = CrashStates(start, root: root)

        struct Moment {
            var entry: OperationLog.Entry, loss: CrashStates.Loss, tree: CrashStates.Tree, isAcknowledged: Bool
        }
        var moments: [Moment] = []
        var seen = Set<CrashStates.Tree>()
        for (place, entry) in log.entries.enumerated() {
            let isLast = place == log.entries.count - 1
            guard states.apply(entry) || isLast else { continue }
            for loss in CrashStates.Loss.kinds(AttackScale.isLong ? 4 * AttackScale.rounds : 2) {
                let tree = states.tree(after: loss, seed: AttackScale.seed &+ UInt64(place))
                // The end is looked at in any case: there the command has said that it is done.
                guard isLast || seen.insert(tree).inserted else { continue }
                moments.append(Moment(entry: entry, loss: loss, tree: tree, isAcknowledged: isLast))
            }
        }
        site.remove(root)
        let sample = attacked.sample(8, others: 3, large: 2)
        let acknowledged = moments.filter(\.isAcknowledged)
        let others = moments.filter { !$0.isAcknowledged }
        for (place, moment)
            in (acknowledged + AttackScale.choose(others.count, sample: sample, seed: 4).map { others[$0] })
            .enumerated()
        {
            let (root, index) = (site.directory + "/lost-\(place)", site.directory + "/lost-\(place)/ix")
            try CrashStates.write(moment.tree, to: root)
            var (state, problems) = site.observe(index)
            if moment.isAcknowledged, problems.isEmpty, state != .new {
                problems.append(
                    "the command had ended with exit 0, the index answers as \(state.map { "\($0)" } ?? "unknown")")
            }
            if problems.isEmpty, AttackScale.isLong ? place % 3 == 0 : place % 6 == 0 {
                // The kit leaves links out of its trees.
                problems += site.finish(index).filter { !$0.contains("'link'") }
            }
            findings.add(
                "lost \(moment.loss) after \(moment.isAcknowledged ? "exit 0, " : "")\(moment.entry.description)",
                problems, keeping: root)
            site.remove(root)
        }
        findings.report()
    }
}
