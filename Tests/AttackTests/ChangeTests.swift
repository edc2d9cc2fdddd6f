import ApusTestSupport
import Foundation
import Synchronization
import Testing

/// Adds, updates, deletions, merges and replacements in any order, killed or failing at any place: the index holds what it held
/// before or what it should hold after, texts and postings alike.
@Suite struct ChangeTests {
    private enum Way: String, Sendable, CaseIterable { case killedAtRandom, killedBeforeOperation, failing }

    @Test(arguments: AttackCase.Kind.allCases)
    func aKillAtARandomMomentOfAnyChangeLeavesOldOrNew(kind: AttackCase.Kind) throws {
        try attack(.killedAtRandom, kind, long: 600)
    }

    @Test(arguments: AttackCase.Kind.allCases)
    func aKillBeforeAnyOperationOfAnyChangeLeavesOldOrNew(kind: AttackCase.Kind) throws {
        try attack(.killedBeforeOperation, kind, long: 400)
    }

    @Test(arguments: AttackCase.Kind.allCases)
    func aFailedOperationOfAnyChangeLeavesOldOrNew(kind: AttackCase.Kind) throws {
        try attack(.failing, kind, long: 600)
    }

    private func attack(_ way: Way, _ kind: AttackCase.Kind, long: Int) throws {
        let findings = Findings("changes, \(way.rawValue)", kind.rawValue)
        var random = SplitMix64(
            seed: AttackScale.seed &+ UInt64(way.rawValue.utf8.count) &+ UInt64(kind.rawValue.utf8.count))
        var site = try ChangingSite(documents: 40, kind: kind)
        defer { site.remove() }
        let sample = kind == .bm25 ? 12 : 6
        for step in AttackScale.choose(long * AttackScale.rounds, sample: sample) {
            // Every sort comes as often as another; the stretches of a sample may not meet each.
            let verb = ChangingSite.Verb.allCases[step % 10 == 9 ? 4 : Int.random(in: 0..<4, using: &random)]
            let change = try site.change(verb, &random)
            let (ending, told) = try run(change, way, site.index, &random)
            var (holds, problems) = site.observe(site.index)
            if let holds {
                let isNew = holds == change.after
                if !isNew, holds != site.holds { problems.append("holds neither what it held nor what it should") }
                if ending.isDone, !isNew { problems.append("exit 0, but the change is not there: \(ending)") }
                if ending.how == .exit(1), isNew, holds != site.holds {
                    problems.append("exit 1, but the change is there: \(ending)")
                }
            }
            if way == .failing, !ending.isDone, ending.how != .exit(1) || ending.complaints.count != 1 {
                problems.append("\(ending)")
            }
            site.took(holds ?? site.holds)
            if problems.isEmpty, step % 3 == 0 || !AttackScale.isLong {
                let next = try site.change(.add, &random)
                let ending = AttackedTool.run(next.arguments)
                if ending.isDone { site.took(next.after) } else { problems.append("the next add: \(ending)") }
                problems += Leftovers.list(site.index).map { "left behind: \($0)" }
            }
            findings.add("\(verb.rawValue), \(told)", problems, keeping: site.directory + "/root")
            if !problems.isEmpty {
                site.remove()
                site = try ChangingSite(documents: 40, kind: kind)
            }
        }
        findings.report()
    }

    private func run(
        _ change: ChangingSite.Change, _ way: Way, _ index: String, _ random: inout SplitMix64
    ) throws -> (Ending, String) {
        let place = Int.random(in: 1...(way == .failing ? 160 : 45), using: &random)
        switch way {
        case .killedAtRandom:
            let process = try AttackedTool.start(change.arguments)
            let wait = Int.random(in: 0...60_000, using: &random)
            usleep(UInt32(wait))
            kill(process.processIdentifier, SIGKILL)
            return (process.wait(), "killed after \(wait) µs")
        case .killedBeforeOperation:
            let attack = Attack(mode: "kill", at: place, operations: "ownyutd", roots: [index])
            return (AttackedTool.run(change.arguments, attack), "killed before operation \(place)")
        case .failing:
            let mode =
                ["fail", "failforever", "short", "shortforever", "eintr"].randomElement(using: &random) ?? "fail"
            let code = ["EIO", "ENOSPC", "EMFILE", "ENOMEM"].randomElement(using: &random) ?? "EIO"
            let attack = Attack(mode: mode, at: place, code: code, roots: [index])
            return (AttackedTool.run(change.arguments, attack, timeout: 30), "\(mode) \(code) at operation \(place)")
        }
    }

    @Test(arguments: ChangingSite.Verb.allCases)
    func anAcknowledgedChangeSurvivesALossOfPower(verb: ChangingSite.Verb) throws {
        let findings = Findings("changes, power loss", verb.rawValue)
        var random = SplitMix64(seed: AttackScale.seed &+ 9)
        var site = try ChangingSite(documents: 40)
        defer { site.remove() }
        // Something deleted and more than one segment before.
        for verb in [ChangingSite.Verb.add, .update, .delete] {
            let change = try site.change(verb, &random)
            try AttackSite.expectDone(AttackedTool.run(change.arguments))
            site.took(change.after)
        }
        let change = try site.change(verb, &random)
        let (root, path) = (site.directory + "/root", site.directory + "/operations.log")
        var states = CrashStates(CrashStates.tree(root), root: root)
        try AttackSite.expectDone(
            AttackedTool.run(change.arguments, Attack(mode: "log", roots: [root], log: path)))
        let entries = OperationLog(path, hasData: true).entries
        var moments: [(told: String, tree: CrashStates.Tree, isLast: Bool)] = []
        var seen = Set<CrashStates.Tree>()
        for (place, entry) in entries.enumerated() {
            let isLast = place == entries.count - 1
            guard states.apply(entry) || isLast else { continue }
            for loss in CrashStates.Loss.kinds(AttackScale.isLong ? 4 : 2) {
                let tree = states.tree(after: loss, seed: AttackScale.seed &+ UInt64(place))
                guard isLast || seen.insert(tree).inserted else { continue }
                moments.append(("lost \(loss) after \(entry.description)", tree, isLast))
            }
        }
        let others = moments.filter { !$0.isLast }
        let chosen = AttackScale.choose(others.count, sample: 6, seed: 4).map { others[$0] }
        for (place, moment) in (moments.filter(\.isLast) + chosen).enumerated() {
            let lost = site.directory + "/lost-\(place)"
            try CrashStates.write(moment.tree, to: lost)
            var (holds, problems) = site.observe(lost + "/ix")
            if let holds, holds != change.after, moment.isLast || holds != site.holds {
                problems.append(moment.isLast ? "exit 0, but the change is lost" : "holds neither old nor new")
            }
            findings.add(moment.told, problems, keeping: lost)
            try? FileManager.default.removeItem(atPath: lost)
        }
        findings.report()
    }

    /// All documents are replaced in each update: a reader finds each of them once, and all of one version.
    @Test func readersBesideUpdatesAndMergesSeeOneVersionOfEachDocument() throws {
        let findings = Findings("readers beside changes", "bm25")
        var random = SplitMix64(seed: AttackScale.seed)
        var site = try ChangingSite(documents: 8)
        defer { site.remove() }
        let (index, path) = (site.index, site.directory + "/all.jsonl")
        let isDone = Atomic(false)
        let found = Mutex<[[String]]>([])
        let group = DispatchGroup()
        for reader in 0..<2 {
            DispatchQueue(label: "reader \(reader)").async(group: group) {
                while !isDone.load(ordering: .acquiring) {
                    var problems: [String] = []
                    let run = AttackedTool.run(
                        ["search", index, "common", "-k", "99", "--json", "--mode", "bm25"], .reader)
                    let ids = run.output.matches(of: /"docid" ?: ?"(d\d+)"/).map { String($0.1) }.sorted()
                    if ids != (0..<8).map({ "d\($0)" }) { problems.append("search finds \(ids): \(run)") }
                    let get = AttackedTool.run(["get", index, "--json"] + (0..<8).map { "d\($0)" }, .reader)
                    let versions = get.output.matches(of: /common (v\d+)/).map { String($0.1) }
                    if !get.isDone || versions.count != 8 || Set(versions).count != 1 {
                        problems.append("get gives \(versions): \(get)")
                    }
                    found.withLock { $0.append(problems) }
                }
            }
        }
        for number in 0..<(AttackScale.isLong ? 150 * AttackScale.rounds : 12) {
            let lines = (0..<8).map { #"{"_id": "d\#($0)", "text": "common v\#(1000 + number) n"}"# + "\n" }
            try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: path))
            var endings = [AttackedTool.run(["update", index, path])]
            // A document that no reader asks for comes and goes.
            try Data(#"{"_id": "x", "text": "other"}"#.utf8).write(to: URL(fileURLWithPath: path))
            endings.append(AttackedTool.run(["add", index, path]))
            endings.append(AttackedTool.run(["delete", index, "x"]))
            if number % 3 == 0 { endings.append(AttackedTool.run(try site.change(.merge, &random).arguments)) }
            findings.add("round \(number)", endings.filter { !$0.isDone }.map { "\($0)" })
        }
        isDone.store(true, ordering: .releasing)
        group.wait()
        for problems in found.withLock({ $0 }) { findings.add("a read", problems) }
        findings.report()
    }
}
