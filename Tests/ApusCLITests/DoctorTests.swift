import ApusTestSupport
import Foundation
import Testing

/// `apus doctor` as a user runs it: exit codes, kinds, JSON, and what the encoder does not read.
@Suite struct DoctorTests {
    private func write(_ folder: String, _ name: String, _ text: String) throws -> String {
        let path = folder + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func theStarterCollectionIsSound() throws {
        let result = try CommandLineTool.run("doctor", TestPaths.root + "/Corpora/starter")
        #expect(result.code == 0, "\(result)")
        #expect(result.output.contains("queries.jsonl: topics, "), "\(result.output)")
        #expect(result.output.contains("corpus.jsonl: documents, "), "\(result.output)")
        #expect(result.output.contains("qrels/test.tsv: judgements, "), "\(result.output)")
        #expect(result.output.contains("\n0 faults, "), "\(result.output)")
    }

    @Test func exitCodesFollowTheGravestFinding() throws {
        let folder = try TestPaths.temporaryDirectory()
        let tied = try write(folder, "tied.run", "q Q0 a 1 1 x\nq Q0 b 2 1 x\n")
        let wrong = try write(folder, "wrong.run", "q Q0 a 1 1 x\nq Q0 b 2 2 x\n")
        #expect(try CommandLineTool.run("doctor", tied).code == 0)
        #expect(try CommandLineTool.run("doctor", tied, "--strict").code == 1)
        #expect(try CommandLineTool.run("doctor", wrong).code == 1)
        #expect(try CommandLineTool.run("doctor").code == 2)
        #expect(try CommandLineTool.run("doctor", folder + "/absent").code == 1)
        let unclear = try CommandLineTool.run("doctor", try write(folder, "x", "1\ta\n"))
        #expect(unclear.code == 1)
        #expect(unclear.error.contains("Say it with --corpus"), "\(unclear.error)")
        #expect(try CommandLineTool.run("doctor", "--topics", folder + "/x", "--model", "none").code == 0)
    }

    @Test func jsonSaysTheSame() throws {
        let folder = try TestPaths.temporaryDirectory()
        let path = try write(folder, "wrong.run", "q Q0 a 1 1 x\nq Q0 b 2 2 x\n")
        let result = try CommandLineTool.run("doctor", path, "--json")
        #expect(result.code == 1)
        let report = try #require(JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let findings = try #require(report["findings"] as? [[String: Any]])
        #expect(findings.first?["check"] as? String == "ranks-against-scores")
        #expect(findings.first?["severity"] as? String == "fault")
        let places = try #require(report["places"] as? [[String: Any]])
        #expect(places.first?["kind"] as? String == "run")
        #expect(places.first?["records"] as? Int == 2)
    }

    /// 100 words that are one token each, of which 16 − 2 are read; and 20 signs that the vocabulary does not have.
    @Test func theMachineIsDescribed() throws {
        let plain = try CommandLineTool.shell("APUS_LEVEL=plain \"$1\" doctor --system", CommandLineTool.path)
        #expect(plain.code == 0 && plain.output.contains("kernels: plain (this processor has plain"), "\(plain)")
        #expect(plain.output.contains("bundled model: in this program"), "\(plain.output)")
        let json = try CommandLineTool.run("doctor", "--system", "--json")
        let read = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(read?["threads"] as? Int == ProcessInfo.processInfo.activeProcessorCount)
        #expect(try CommandLineTool.run("doctor", "--system", "x").code == 2)
        let unknown = try CommandLineTool.shell("APUS_LEVEL=best \"$1\" doctor --system", CommandLineTool.path)
        #expect(unknown.code == 1 && unknown.error.contains("best"), "\(unknown)")
    }

    @Test func whatTheEncoderDoesNotReadIsCounted() throws {
        let folder = try TestPaths.temporaryDirectory()
        let long = Array(repeating: "fox", count: 100).joined(separator: " ")
        let signs = Array(repeating: "\u{2603}", count: 4).joined(separator: " ")
        let corpus = try write(
            folder, "corpus.jsonl",
            "{\"_id\": \"a\", \"text\": \"\(long)\"}\n{\"_id\": \"b\", \"text\": \"red fox \(signs)\"}\n")
        let result = try CommandLineTool.run("doctor", corpus, "--max-length", "16")
        #expect(result.output.contains("line 1 'a': 14 of 100 tokens are read"), "\(result.output)")
        // 86 of 106.
        #expect(result.output.contains("81.1 % of all tokens are never read"), "\(result.output)")
        #expect(result.output.contains("line 2 'b': 4 of 6 tokens are unknown"), "\(result.output)")
        let without = try CommandLineTool.run("doctor", corpus, "--model", "none")
        #expect(!without.output.contains("tokens"), "\(without.output)")
    }
}
