import ApusTestSupport
import Foundation
import Testing

/// Damaged bytes, lengths, absent and foreign files: `check` names the file, and no verb gives another answer.
@Suite struct DamageTests {
    private struct Verbs {
        let site: AttackSite
        let sound: [String: String]

        init(_ site: AttackSite) throws {
            self.site = site
            var sound: [String: String] = [:]
            for (name, arguments) in Self.verbs(site, site.after) {
                let ending = AttackedTool.run(arguments)
                try AttackSite.expectDone(ending)
                sound[name] = ending.output
            }
            self.sound = sound
        }

        static func verbs(_ site: AttackSite, _ index: String) -> [(String, [String])] {
            let mode = site.attacked.kind == .learned ? "splade" : "bm25"
            return [
                ("search", site.search(index)), ("get", ["get", index, "--json"] + site.newIDs.prefix(4)),
                ("filter", ["search", index, "river stone paper", "--filter", "year >= 2", "--mode", "bm25"]),
                (
                    "explain",
                    ["explain", index, "river stone paper engine water", site.newIDs.last ?? "", "--mode", mode]
                ),
            ]
        }

        /// What `check` and the other verbs do that they should not; `names` are the files that `check` may name.
        func problems(_ index: String, naming names: [String], mayBeWhole: Bool = false) -> [String] {
            var problems: [String] = []
            let check = AttackedTool.run(["check", index], timeout: 20)
            switch check.how {
            case .exit(0) where !mayBeWhole: problems.append("check says whole")
            case .exit(1):
                if check.complaints.count != 1 {
                    problems.append("check says \(check.complaints.count) lines: \(check)")
                }
                if !names.contains(where: { check.error.contains($0) }) {
                    problems.append("check does not name the file: \(check)")
                }
            case .exit(0): break
            default: problems.append("check: \(check)")
            }
            for (name, arguments) in Self.verbs(site, index) {
                let ending = AttackedTool.run(arguments, timeout: 20)
                switch ending.how {
                case .exit(0):
                    if ending.output != sound[name], !mayBeWhole {
                        problems.append("\(name) gives another answer with exit 0")
                    }
                case .exit(1):
                    if ending.complaints.count != 1 {
                        problems.append("\(name) says \(ending.complaints.count) lines: \(ending)")
                    }
                default: problems.append("\(name): \(ending)")
                }
            }
            return problems
        }
    }

    private static func site(_ kind: AttackCase.Kind, version: String = "before") throws -> AttackSite {
        // With deleted documents, several segments and filterable fields for words; else as small as can be.
        kind == .bm25
            ? try AttackSite(AttackCase(verb: .delete, kind: kind), version: version)
            : try AttackSite(AttackCase(verb: .append, kind: kind), documents: 3, added: 1, version: version)
    }

    private static func files(_ index: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: index).filter {
            !AttackSite.foreign.contains($0) && !["write.lock", "link", "others"].contains($0)
        }.sorted()
    }

    /// Replaces one file of a copy.
    private func attack(
        _ site: AttackSite, _ file: String, _ change: (inout Data) -> Void, _ then: (String) -> Void
    ) throws {
        let place = URL(fileURLWithPath: site.after + "/" + file)
        let whole = try Data(contentsOf: place)
        var damaged = whole
        change(&damaged)
        let root = site.directory + "/damaged"
        try? FileManager.default.removeItem(atPath: root)
        try FileManager.default.copyItem(atPath: site.after, toPath: root)
        try damaged.write(to: URL(fileURLWithPath: root + "/" + file))
        then(root)
        try? FileManager.default.removeItem(atPath: root)  // A finding has moved it away.
    }

    @Test(arguments: AttackCase.Kind.allCases)
    func aFlippedByteIsFoundAndChangesNoAnswer(kind: AttackCase.Kind) throws {
        let site = try Self.site(kind)
        let verbs = try Verbs(site)
        let findings = Findings("flipped byte", kind.rawValue)
        var random = SplitMix64(seed: AttackScale.seed &+ 7)
        for file in try Self.files(site.after) {
            let size = (FileManager.default.contents(atPath: site.after + "/" + file) ?? Data()).count
            for place in AttackScale.choose(
                size, sample: file.hasSuffix("json") ? 3 : 5, seed: UInt64(file.utf8.count))
            {
                let mask = UInt8.random(in: 1...255, using: &random)
                try attack(site, file) {
                    $0[place] ^= mask
                } _: { index in
                    findings.add(
                        "\(file) byte \(place) of \(size) ^ \(mask)", verbs.problems(index, naming: [file]),
                        keeping: index)
                }
            }
        }
        findings.report()
    }

    @Test(arguments: AttackCase.Kind.allCases)
    func aTruncatedLongerAbsentOrExchangedFileIsFound(kind: AttackCase.Kind) throws {
        let site = try Self.site(kind)
        let other = try Self.site(kind, version: "other")
        let verbs = try Verbs(site)
        let findings = Findings("truncated, longer, absent, exchanged", kind.rawValue)
        let files = try Self.files(site.after)
        for file in files {
            let size = (FileManager.default.contents(atPath: site.after + "/" + file) ?? Data()).count
            var lengths = Set([0, 1, 7, 8, 9, 100, size / 3, size / 2, size - 100, size - 2, size - 1])
            lengths.formUnion(stride(from: 0, to: size, by: AttackScale.isLong ? 64 : 4096))
            let valid = lengths.filter { (0..<size).contains($0) }.sorted()
            for place in AttackScale.choose(valid.count, sample: 2, seed: 8) {
                try attack(site, file) {
                    $0 = $0.prefix(valid[place])
                } _: { index in
                    findings.add(
                        "\(file) cut to \(valid[place]) of \(size)", verbs.problems(index, naming: [file]),
                        keeping: index)
                }
            }
            try attack(site, file) {
                $0.append(contentsOf: [UInt8](repeating: 7, count: 100))
            } _: { index in
                findings.add("\(file) with 100 bytes more", verbs.problems(index, naming: [file]), keeping: index)
            }
            // An absent commit is no commit: the one before it, if it was kept, is then the newest.
            try attack(site, file) { _ in
            } _: { index in
                unsafe unlink(index + "/" + file)
                findings.add(
                    "\(file) absent",
                    verbs.problems(index, naming: [file, index], mayBeWhole: file.hasPrefix("commit-")), keeping: index)
            }
            // Whoever exchanges the commit makes all the other files the wrong ones.
            if let exchanged = FileManager.default.contents(atPath: other.after + "/" + file),
                exchanged != FileManager.default.contents(atPath: site.after + "/" + file)
            {
                try attack(site, file) {
                    $0 = exchanged
                } _: { index in
                    findings.add(
                        "\(file) of another index",
                        verbs.problems(index, naming: file.hasPrefix("commit-") ? files : [file]),
                        keeping: index)
                }
            }
        }
        findings.report()
    }

    @Test(arguments: AttackCase.Kind.allCases)
    func filesExchangedWithinAnIndexOrSeveralAtOnceAreFound(kind: AttackCase.Kind) throws {
        let site = try Self.site(kind)
        let other = try Self.site(kind, version: "other")
        let verbs = try Verbs(site)
        let findings = Findings("exchanged files", kind.rawValue)
        let files = try Self.files(site.after)
        func exchange(_ what: String, _ pairs: [(file: String, from: String)]) throws {
            try attack(site, files[0]) { _ in
            } _: { index in
                for (file, from) in pairs {
                    unsafe unlink(index + "/" + file)
                    try? FileManager.default.copyItem(atPath: from, toPath: index + "/" + file)
                }
                findings.add(what, verbs.problems(index, naming: files), keeping: index)
            }
        }
        let segments = files.filter { $0.hasPrefix("seg-") }
        for (place, file) in segments.enumerated() {
            for second in segments.dropFirst(place + 1)
            where (second as NSString).pathExtension == (file as NSString).pathExtension {
                try exchange(
                    "\(file) ↔ \(second)", [(file, site.after + "/" + second), (second, site.after + "/" + file)])
                try exchange("\(file) twice", [(second, site.after + "/" + file)])
            }
            // A segment with its texts, from another index.
            let own = segments.filter {
                ($0 as NSString).deletingPathExtension == (file as NSString).deletingPathExtension
            }
            // Documents that both indexes hold may make the same bytes.
            let isOther = own.contains {
                FileManager.default.contents(atPath: other.after + "/" + $0)
                    != FileManager.default.contents(atPath: site.after + "/" + $0)
            }
            if own.count > 1, own.first == file, isOther {
                try exchange(
                    "\(own.joined(separator: " and ")) of another index", own.map { ($0, other.after + "/" + $0) })
            }
        }
        try exchange("all segments of another index", segments.map { ($0, other.after + "/" + $0) })
        findings.report()
    }

    @Test(arguments: AttackCase.Kind.allCases)
    func anAppendToADamagedIndexNeitherHealsNorSpreadsIt(kind: AttackCase.Kind) throws {
        let site = try Self.site(kind)
        let verbs = try Verbs(site)
        let findings = Findings("append to a damaged index", kind.rawValue)
        var random = SplitMix64(seed: AttackScale.seed &+ 9)
        let files = try Self.files(site.after)
        for file in files {
            let size = (FileManager.default.contents(atPath: site.after + "/" + file) ?? Data()).count
            for place in AttackScale.choose(size, sample: 2, seed: 10).shuffled(using: &random).prefix(
                AttackScale.isLong ? 300 : 4)
            {
                try attack(site, file) {
                    $0[place] ^= 0x55
                } _: { index in
                    let before = CrashStates.tree(index)
                    let ending = AttackedTool.run(site.appendLast(index), timeout: 20)
                    var problems: [String] = []
                    switch ending.how {
                    case .exit(1):
                        if ending.complaints.count != 1 {
                            problems.append("append says \(ending.complaints.count) lines: \(ending)")
                        }
                        for (path, data) in before where data != nil {
                            if FileManager.default.contents(atPath: index + "/" + path) != data {
                                problems.append("append failed and changed \(path)")
                            }
                        }
                    case .exit(0):
                        // Then the damage is still found, or nothing of it was needed and all answers are right.
                        let check = AttackedTool.run(["check", index], timeout: 20)
                        let texts = AttackedTool.run(["get", index, "--json"] + site.newIDs.prefix(4), timeout: 20)
                        if check.isDone, !texts.isDone || texts.output != verbs.sound["get"] {
                            problems.append(
                                "append was done, check says whole, and texts are lost or others: \(texts.how)")
                        }
                        let count = AttackedTool.run([
                            "search", index, "river stone paper water engine", "-k", "100", "--json", "--mode", "bm25",
                        ])
                        if check.isDone, !count.isDone {
                            problems.append("append was done, check says whole, search: \(count)")
                        }
                        // What only the older commit named is gone with it.
                        let isThere = FileManager.default.fileExists(atPath: index + "/" + file)
                        if check.isDone, isThere, file.hasPrefix("seg-"),
                            file.hasSuffix("safetensors") || file.hasSuffix("packed")
                        {
                            problems.append("append was done over a damaged \(file) and check says whole")
                        }
                    default: problems.append("append: \(ending)")
                    }
                    findings.add("append beside \(file) byte \(place) of \(size) ^ 85", problems, keeping: index)
                }
            }
        }
        findings.report()
    }
}
