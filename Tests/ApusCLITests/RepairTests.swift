import ApusTestSupport
import Foundation
import Testing

/// Whatever part of an index is damaged: `check --repair` names what is lost, the rest answers like a fresh build of it, and
/// `check --deep` finds nothing any more.
@Suite struct RepairTests {
    enum Damage: String, CaseIterable {
        case rowOfTexts, headOfTexts, absentTexts, postings, headOfSegment, lengths, live, commit
    }

    @Test(arguments: Damage.allCases)
    func repairNamesWhatIsLostAndTheRestAnswersAsAFreshBuild(damage: Damage) throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let index = directory + "/index"
        try build(index, directory)
        let before = try ids(index)
        try inflict(damage, on: index)
        let damaged = try CommandLineTool.run("check", index, "--deep")
        #expect(damaged.code == 1)
        #expect(damaged.output.contains(index) && damaged.error.contains("--repair"), "\(damaged)")

        let repaired = try CommandLineTool.run("check", index, "--repair")
        #expect(repaired.code == 0, "\(repaired)")
        let lost = repaired.output.split(separator: "\n").filter { $0.hasPrefix("lost: ") }.map {
            String($0.dropFirst(6))
        }
        let after = try ids(index)
        switch damage {
        case .rowOfTexts: #expect(lost == ["d7"])
        case .headOfTexts, .absentTexts: #expect(Set(lost) == Set(before.filter { !["new", "d5"].contains($0) }))
        case .headOfSegment: #expect(repaired.output.contains("whose ids could not be read"), "\(repaired)")
        case .postings, .lengths:
            #expect(lost.isEmpty)
            #expect(after == before)
            #expect(repaired.output.contains("2,998 indexed again from their texts"), "\(repaired)")
        case .live:
            #expect(lost.isEmpty && repaired.error.contains("come back"), "\(repaired)")
            #expect(after == (Set(before).union(["d3"])).sorted())
        case .commit: #expect(repaired.error.contains("cannot be read; what it added or deleted is not known"))
        }
        if ![.live, .commit, .headOfSegment].contains(damage) {
            #expect(after == before.filter { !lost.contains($0) })
        }
        let checked = try CommandLineTool.run("check", index, "--deep")
        #expect(checked.code == 0 && checked.output.contains("is whole"), "\(checked)")
        try expectAnswersOfAFreshBuild(index, directory)
        let again = try CommandLineTool.run("check", index, "--repair")
        #expect(again.output.contains("nothing was changed"))
    }

    @Test func aWholeIndexIsLeftAlone() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let index = directory + "/index"
        try build(index, directory)
        let before = try FileManager.default.contentsOfDirectory(atPath: index).sorted()
        let deep = try CommandLineTool.run("check", index, "--deep", "--json")
        #expect(deep.code == 0 && deep.output.contains("\"findings\" : ["), "\(deep)")
        let repaired = try CommandLineTool.run("check", index, "--repair")
        #expect(repaired.code == 0 && repaired.output.contains("nothing was changed"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: index).sorted() == before)
        #expect(try CommandLineTool.run("check", index, "--repair", "--deep").code == 2)
    }

    // MARK: an index with two segments, deleted and replaced documents

    /// Enough that each array has a page of its own.
    private static let documents = 3_000

    private func text(_ number: Int) -> String {
        let words = ["river", "stone", "paper", "engine", "water", "glacier", "cloud"]
        return (0...number % 5).map { words[(number + $0 * $0) % words.count] }.joined(separator: " ")
            + " unique\(number)mark"
    }

    private func build(_ index: String, _ directory: String) throws {
        func lines(_ documents: [(String, String)]) throws -> String {
            let path = directory + "/in.jsonl"
            let text = documents.map { "{\"_id\":\"\($0.0)\",\"text\":\"\($0.1)\",\"year\":1999}\n" }.joined()
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return path
        }
        let first = try lines((0..<Self.documents).map { ("d\($0)", text($0)) })
        var results = [try CommandLineTool.run("index", first, "--output", index, "--model", "none")]
        let second = try lines([("d5", "a replaced river stone"), ("new", "another paper glacier")])
        results.append(try CommandLineTool.run("update", index, second))
        results.append(try CommandLineTool.run("delete", index, "d3"))
        for result in results { #expect(result.code == 0, "\(result)") }
    }

    private func ids(_ index: String) throws -> [String] {
        let export = try CommandLineTool.run("export", index, "--texts")
        #expect(export.code == 0, "\(export)")
        return export.output.split(separator: "\n").map { String($0.dropFirst(8).prefix { $0 != "\"" }) }.sorted()
    }

    private func expectAnswersOfAFreshBuild(_ index: String, _ directory: String) throws {
        let texts = directory + "/left.jsonl"
        try Data(try CommandLineTool.run("export", index, "--texts").output.utf8).write(to: URL(fileURLWithPath: texts))
        let fresh = directory + "/fresh"
        let built = try CommandLineTool.run("index", texts, "--output", fresh, "--model", "none")
        #expect(built.code == 0, "\(built)")
        let topics = directory + "/topics.tsv"
        try Data("1\triver stone\n2\tglacier paper cloud\n3\tunique7mark water\n".utf8).write(
            to: URL(fileURLWithPath: topics))
        let runs = try [index, fresh].map {
            try CommandLineTool.run("search", $0, "--topics", topics, "-k", "50", "--mode", "bm25")
        }
        #expect(runs[0].code == 0 && runs[0].output == runs[1].output, "\(runs)")
    }

    // MARK: damage

    private func inflict(_ damage: Damage, on index: String) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: index)
        // The first build's segment is the largest of them.
        func largest(_ end: String) throws -> String {
            let sizes = try files.filter { $0.hasSuffix(end) }.map {
                (try Data(contentsOf: URL(fileURLWithPath: index + "/" + $0)).count, $0)
            }
            return index + "/" + (try #require(sizes.max { $0.0 < $1.0 })).1
        }
        func flip(_ path: String, _ place: (Data) throws -> Int) throws {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[try place(bytes)] ^= 0x20
            try bytes.write(to: URL(fileURLWithPath: path))
        }
        func tensor(_ name: String) throws {
            try flip(try largest(".safetensors")) { bytes in
                let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
                let head = try JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any]
                let ends = (head?[name] as? [String: Any])?["data_offsets"] as? [Int]
                let (start, end) = (try #require(ends?.first), try #require(ends?.last))
                // In the middle: on a page that holds nothing else.
                return 8 + length + (start + end) / 2
            }
        }
        switch damage {
        case .rowOfTexts:
            try flip(try #require(try textsOfFirst(index, files))) {
                try #require($0.range(of: Data("unique7mark".utf8))).lowerBound
            }
        case .headOfTexts:
            try flip(try #require(try textsOfFirst(index, files))) { _ in 0 }
        case .absentTexts: try FileManager.default.removeItem(atPath: try #require(try textsOfFirst(index, files)))
        case .postings: try tensor("text.postings")
        case .headOfSegment: try flip(try largest(".safetensors")) { _ in 20 }
        case .lengths: try tensor("text.words")
        case .live:
            let numbers = files.filter { $0.contains(".live-") }.sorted { Self.number($0) < Self.number($1) }
            try flip(index + "/" + (try #require(numbers.last))) { $0.count / 2 }
        case .commit:
            let numbers = files.filter { $0.hasPrefix("commit-") }.sorted { Self.number($0) < Self.number($1) }
            try flip(index + "/" + (try #require(numbers.last))) { _ in 30 }
        }
    }

    private func textsOfFirst(_ index: String, _ files: [String]) throws -> String? {
        try files.filter { $0.hasSuffix(".sqlite") }.map { index + "/" + $0 }.first {
            try Data(contentsOf: URL(fileURLWithPath: $0)).range(of: Data("unique7mark".utf8)) != nil
        }
    }

    private static func number(_ name: String) -> Int {
        Int(name.split { !$0.isNumber }.last ?? "") ?? 0
    }
}
