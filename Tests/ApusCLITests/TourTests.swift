import ApusTestSupport
import Foundation
import Testing

/// The README's tour on three documents, with the model that is in the binary.
@Suite struct TourTests {
    private struct Answer: Decodable {
        struct Place: Decodable { let rank: Int }
        struct Candidate: Decodable {
            let docid: String
            let bm25: Place?
            let splade: Place?
        }
        let mode: String
        let tag: String
        let candidates: [Candidate]
    }

    @Test func fromDocumentsToMeasures() throws {
        let directory = try TestPaths.temporaryDirectory()
        let index = directory + "/index"
        func write(_ name: String, _ text: String) throws -> String {
            try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
            return directory + "/" + name
        }
        let corpus = try write(
            "corpus.jsonl",
            """
            {"_id": "ice", "title": "Glaciers", "text": "Ice flows slowly down the valley under its own weight."}
            {"_id": "tea", "title": "Tea", "text": "Leaves steeped in boiling water make a drink."}
            {"_id": "dog", "title": "Dogs", "text": "A puppy needs sleep, food and patience."}
            """)
        #expect(try CommandLineTool.run("index", corpus, "-o", index).code == 0)

        let hybrid = try CommandLineTool.run("search", index, "hot beverage from leaves", "--json", "--verify")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(hybrid.output.utf8))
        #expect(answer.mode == "hybrid")
        #expect(answer.candidates.first?.docid == "tea")
        #expect(answer.candidates.first?.bm25?.rank == 1)
        #expect(answer.candidates.first?.splade?.rank == 1)

        // No word in common: only the learned field finds it.
        let learned = try CommandLineTool.run("search", index, "canine", "--mode", "splade", "--json", "-k", "1")
        let found = try JSONDecoder().decode(Answer.self, from: Data(learned.output.utf8))
        #expect(found.candidates.map(\.docid) == ["dog"])

        let topics = try write("topics.tsv", "1\tglacier ice\n2\ttea\n")
        let qrels = try write("qrels.txt", "1 0 ice 1\n2 0 tea 1\n")
        let run = directory + "/run.txt"
        #expect(try CommandLineTool.run("search", index, "--topics", topics, "--mode", "bm25", "-o", run).code == 0)
        let lines = try String(contentsOfFile: run, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("1 Q0 ice 1 ") && lines[0].hasSuffix(" apus-bm25"))
        let evaluated = try CommandLineTool.run("evaluate", "--qrels", qrels, run, "-m", "nDCG@10 RR")
        #expect(evaluated.output.contains("1.0000"))
        let modes = try CommandLineTool.run("evaluate", "--index", index, "--topics", topics, "--qrels", qrels)
        #expect(modes.output.split(separator: "\n").count == 5)

        let explained = try CommandLineTool.run("explain", index, "canine", "dog", "--mode", "splade")
        #expect(explained.output.contains("expanded"))
        let vector = try CommandLineTool.run("encode", "tea", "--top", "3")
        #expect(vector.output.contains("\"tea\""))
        let stats = try CommandLineTool.run("stats", index, "--topics", topics)
        #expect(stats.output.contains("FLOPS"))
        #expect(try CommandLineTool.run("get", index, "tea").output.contains("steeped"))
    }
}
