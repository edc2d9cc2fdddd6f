import ApusTestSupport
import Foundation
import Testing

/// `check --repair` of indexes with learned terms: the encoder makes those of damaged postings again, imported vectors are lost
/// with theirs, and what is left answers in every mode as a fresh build of it.
@Suite struct RepairOfLearnedTests {
    enum Kind: String, CaseIterable { case model, vectors }

    private struct Site {
        let kind: Kind
        let directory: String
        var index: String { directory + "/index" }

        init(_ kind: Kind) throws {
            self.kind = kind
            directory = try TestPaths.temporaryDirectory()
            let path = try write(0..<40, "first.jsonl")
            let built = try CommandLineTool.run(["index", path, "--output", index] + flags)
            #expect(built.code == 0, "\(built)")
            let added = try write(40..<44, "second.jsonl")
            let vectors = kind == .vectors ? ["--vectors"] : []
            #expect(try CommandLineTool.run(["add", index, added] + vectors).code == 0)
            #expect(try CommandLineTool.run("delete", index, "d3").code == 0)
        }

        var flags: [String] {
            kind == .vectors ? ["--vectors"] : ["--model", TestPaths.fixtures + "/LearnedEncoder/bert-max"]
        }

        func write(_ numbers: some Sequence<Int>, _ name: String) throws -> String {
            let words = ["river", "stone", "paper", "engine", "water", "garden", "tree"]
            let lines = numbers.map { number in
                let chosen = (0...number % 4).map { words[(number * 3 + $0 * $0) % words.count] }
                let vector = Set(chosen).sorted().map { #""\#($0)": \#(1 + (number + $0.utf8.count) % 9)"# }
                let member = kind == .vectors ? #", "vector": {\#(vector.joined(separator: ", "))}"# : ""
                return #"{"_id": "d\#(number)", "text": "\#(chosen.joined(separator: " ")) mark\#(number)x"\#(member)}"#
                    + "\n"
            }
            try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
            return directory + "/" + name
        }

        /// Changes a byte of the first build's segment or texts.
        func flip(_ end: String, _ place: (Data) throws -> Int) throws {
            let path = URL(fileURLWithPath: index + "/seg-1" + end)
            var bytes = try Data(contentsOf: path)
            bytes[try place(bytes)] ^= 0x20
            try bytes.write(to: path)
        }

        func runs(_ index: String) throws -> [String] {
            let topics = directory + "/topics.tsv"
            try Data("1\triver stone\n2\tgarden tree water\n".utf8).write(to: URL(fileURLWithPath: topics))
            let queries = directory + "/queries.jsonl"
            let lines = [
                #"{"id": "1", "vector": {"river": 2, "stone": 1}}"#, #"{"id": "2", "vector": {"garden": 1.5}}"#,
            ]
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: queries))
            return try ["bm25", "splade", "hybrid", "fused"].map { mode in
                let vectors = kind == .vectors && mode != "bm25" ? ["--query-vectors", queries] : []
                let run = try CommandLineTool.run(
                    ["search", index, "--topics", topics, "-k", "99", "--mode", mode] + vectors)
                #expect(run.code == 0, "\(mode): \(run)")
                return run.output
            }
        }
    }

    /// The place of an array's middle in a segment's file.
    private func tensor(_ name: String, _ bytes: Data) throws -> Int {
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let head = try JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any]
        let ends = (head?[name] as? [String: Any])?["data_offsets"] as? [Int]
        return 8 + length + (try #require(ends?.first) + (try #require(ends?.last))) / 2
    }

    @Test(arguments: Kind.allCases)
    func oneDamagedTextIsOneLostDocument(kind: Kind) throws {
        let site = try Site(kind)
        defer { try? FileManager.default.removeItem(atPath: site.directory) }
        try site.flip(".sqlite") { try #require($0.range(of: Data("mark7x".utf8))).lowerBound }
        let repaired = try CommandLineTool.run("check", site.index, "--repair")
        #expect(repaired.code == 0 && repaired.output.hasPrefix("lost: d7\n"), "\(repaired)")
        #expect(repaired.output.contains(": 1 document lost, 0 indexed again"), "\(repaired)")
        #expect(try CommandLineTool.run("check", site.index, "--deep").code == 0)
        try expectFresh(site, (0..<44).filter { ![3, 7].contains($0) })
    }

    @Test(arguments: Kind.allCases)
    func damagedLearnedPostingsAreEncodedAgainOrLost(kind: Kind) throws {
        let site = try Site(kind)
        defer { try? FileManager.default.removeItem(atPath: site.directory) }
        let before = try site.runs(site.index)
        try site.flip(".safetensors") { try tensor("learned.postings", $0) }
        let deep = try CommandLineTool.run("check", site.index, "--deep")
        #expect(deep.code == 1 && deep.output.contains("seg-1.safetensors"), "\(deep)")
        let repaired = try CommandLineTool.run("check", site.index, "--repair")
        #expect(repaired.code == 0, "\(repaired)")
        #expect(try CommandLineTool.run("check", site.index, "--deep").code == 0)
        // A small segment is one page: ids and rows go with the postings, and are named where they can be read.
        if repaired.output.contains("indexed again from their texts"), kind == .model,
            !repaired.output.contains("could not be read"), !repaired.output.contains("lost: ")
        {
            #expect(try site.runs(site.index) == before)
        } else {
            #expect(repaired.output.contains("39"), "\(repaired)")
            try expectFresh(site, Array(40..<44))
        }
    }

    /// The learned scale is the damaged index's, so learned scores are compared where weights are whole numbers.
    private func expectFresh(_ site: Site, _ numbers: [Int]) throws {
        let fresh = site.directory + "/fresh"
        let path = try site.write(numbers, "left.jsonl")
        let built = try CommandLineTool.run(["index", path, "--output", fresh] + site.flags)
        #expect(built.code == 0, "\(built)")
        let (found, wanted) = (try site.runs(site.index), try site.runs(fresh))
        if site.kind == .vectors { #expect(found == wanted) } else { #expect(found[0] == wanted[0]) }
    }
}
