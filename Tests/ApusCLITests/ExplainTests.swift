import ApusTestSupport
import Foundation
import Testing

/// What explain says adds up to what search says.
@Suite struct ExplainTests {
    private struct Answer: Decodable {
        struct Candidate: Decodable {
            let docid: String
            let score: Double
        }
        let candidates: [Candidate]
        let notes: [String]
    }

    private struct Field: Decodable {
        struct Term: Decodable { let product: Double }
        let field: String
        let score: Double
        let share: Double
        let terms: [Term]
        let missing: [String]
    }

    private let folder: String
    private let index: String

    init() throws {
        folder = try TestPaths.temporaryDirectory()
        index = folder + "/index"
        let corpus = """
            {"_id": "ice", "title": "Glaciers", "text": "Ice flows slowly down the valley under its own weight."}
            {"_id": "tea", "title": "Tea", "text": "Leaves steeped in boiling water make a drink."}
            {"_id": "dog", "title": "Dogs", "text": "A puppy needs sleep, food and water."}

            """
        try Data(corpus.utf8).write(to: URL(fileURLWithPath: folder + "/corpus.jsonl"))
        #expect(try CommandLineTool.run("index", folder + "/corpus.jsonl", "-o", index).code == 0)
    }

    @Test(arguments: [
        ["--mode", "bm25"], ["--mode", "splade"], ["--mode", "hybrid"], ["--mode", "fused"], [],
        ["--mode", "fused", "--weight", "0.3"], ["--mode", "fused", "--scaling", "none"],
        ["--mode", "fused", "--weight", "1"],
        ["--mode", "hybrid", "--fusion", "rrf"], ["--mode", "hybrid", "--weight", "0.2"],
        ["--mode", "splade", "--query-terms", "3"],
    ])
    func theSharesAreTheScore(flags: [String]) throws {
        let query = "boiling water for tea"
        let search = try CommandLineTool.run(["search", index, query, "--json"] + flags)
        let answer = try JSONDecoder().decode(Answer.self, from: Data(search.output.utf8))
        #expect(!answer.candidates.isEmpty)
        for candidate in answer.candidates {
            let result = try CommandLineTool.run(["explain", index, query, candidate.docid, "--json"] + flags)
            #expect(result.code == 0, "\(result.error)")
            let fields = try JSONDecoder().decode([Field].self, from: Data(result.output.utf8))
            let sum = fields.reduce(0) { $0 + $1.share }
            #expect(abs(sum - candidate.score) < 1e-6 * max(1, candidate.score), "\(candidate.docid)")
            for field in fields {
                let products = field.terms.reduce(0) { $0 + $1.product }
                #expect(abs(products - field.score) < 1e-6 * max(1, field.score))
            }
        }
        let text = try CommandLineTool.run(["explain", index, query, "tea"] + flags).output
        #expect(text.contains(" = ") == (flags.isEmpty || flags.contains("hybrid") || flags.contains("fused")))
    }

    @Test(arguments: ["splade", "hybrid", "fused"])
    func whatBM25StandsInForIsSaid(mode: String) throws {
        let plain = folder + "/plain"
        #expect(try CommandLineTool.run("index", folder + "/corpus.jsonl", "-o", plain, "--model", "none").code == 0)
        let result = try CommandLineTool.run("explain", plain, "tea", "tea", "--mode", mode)
        #expect(result.code == 0 && result.output.hasPrefix("BM25 (k1 0.9, b 0.4): "))
        #expect(result.error.contains("BM25 answered: the index was built without a model."), "\(result.error)")
        let gone = try CommandLineTool.run("explain", index, "tea", "tea", "--mode", mode, "--model", folder + "/gone")
        #expect(gone.code == 0 && gone.error.contains("BM25 answered"), "\(gone.error)")
    }

    @Test func aDocumentWithoutTheQuerysTermsIsSaidToBeOne() throws {
        let none = try CommandLineTool.run("explain", index, "tea", "ice", "--mode", "bm25")
        #expect(none.code == 0 && none.output.contains("none of the query's terms"), "\(none.output)")
        #expect(none.output.contains("not in the document: tea"))
        let empty = try CommandLineTool.run("explain", index, "the", "ice", "--mode", "bm25")
        #expect(empty.code == 0 && empty.output.contains("the query has no term here"), "\(empty.output)")
        let fused = try CommandLineTool.run("explain", index, "zzz", "ice", "--mode", "fused")
        #expect(fused.code == 0, "\(fused.error)")
    }
}
