import ByteStrings
import CorpusFormats
import RetrievalEvaluation
import Testing

/// Judgements and runs in the shapes that people have them; what no tool agrees on is refused by file and line.
@Suite struct EvaluationFileTests {
    private func qrels(_ text: String, threshold: Double? = nil) throws -> QrelsFile.Contents {
        let files = try TemporaryFiles()
        return try QrelsFile.contents(files.write("q", text), threshold: threshold)
    }

    private func run(_ text: String, dropsRepeated: Bool = false) throws -> RunFile.Contents {
        let files = try TemporaryFiles()
        return try RunFile.contents(files.write("r", text), dropsRepeated: dropsRepeated)
    }

    /// The columns of ir_datasets: `ir_datasets export NAME qrels --format tsv` and `jsonl`; of LoTTE: qas.search.jsonl.
    @Test(arguments: [
        ("\u{FEFF}q1\t0\td1\t1\r\nq1\t0\td2\t0\r\n", QrelsFile.Format.trec),
        ("q1  0   d1 1 \n  q1 0 d2 0\n", .trec),
        ("# note\nquery_id iter doc_id relevance\nq1 0 d1 1\nq1 0 d2 0", .trec),
        ("qid\tdocid\trel\nq1\td1\t1\nq1\td2\t0", .beir), ("\"q1\"\t\"d1\"\t\"1\"\n\"q1\"\t\"d2\"\t\"0\"", .beir),
        ("q1\td1\t1\t0\nq1\td2\t0\t0\n", .irDatasets),
        ("query_id\tdoc_id\trelevance\titeration\nq1\td1\t1\tx\nq1\td2\t0\tx", .irDatasets),
        (
            #"{"query_id": "q1", "doc_id": "d1", "relevance": 1, "iteration": "0"}"# + "\n"
                + #"{"query_id":"q1","doc_id":"d2","relevance":0}"#, .json
        ),
    ])
    func judgementsOfEveryShapeAreTheSame(text: String, format: QrelsFile.Format) throws {
        let contents = try qrels(text)
        #expect(contents.format == format)
        #expect(contents.qrels.grades == ["q1": ["d1": 1, "d2": 0]])
    }

    @Test func lotteAnswersAreJudgements() throws {
        let contents = try qrels(#"{"qid": 0, "query": "x", "url": "u", "answer_pids": [12, 7]}"# + "\n")
        #expect(contents.qrels.grades == ["0": ["12": 1, "7": 1]])
    }

    @Test func fractionsNeedAThreshold() throws {
        let text = "q 0 a 0.7\nq 0 b 0.2\nq 0 c 2\nq 0 d -1\n"
        let error = #expect(throws: FormatError.self) { _ = try qrels(text) }
        #expect(
            error?.description.contains("line 1") == true && error?.description.contains("--grade-threshold") == true)
        let contents = try qrels(text, threshold: 0.5)
        #expect(contents.qrels.grades == ["q": ["a": 1, "b": 0, "c": 1, "d": -1]] && contents.negative == 1)
        #expect(throws: FormatError.self) { _ = try qrels("q 0 a x\n", threshold: 0.5) }
        #expect(throws: FormatError.self) { _ = try qrels("q 0 a nan\n", threshold: 0.5) }
    }

    @Test func whatWasPassedOverIsCounted() throws {
        let contents = try qrels("# a\nq 0 a 1\n# b\nq 0 a 1\nq 0 b 1\n")
        #expect(contents.comments == 2 && contents.repeated == 1)
        let results = try run("# a\nqid Q0 docid rank score tag\nq Q0 a 1 2 t\n")
        #expect(results.comments == 2 && results.run.count == 1)
    }

    @Test(arguments: [
        ("q Q0 a 1 2.5 t\nq Q0 b 2 1e-1 t\n", RunFile.Format.trec), ("q\tQ0  a 1\t+2.5 t\r\nq Q0 b 2 .1 t", .trec),
        ("q Q0 a 1 2.5\nq Q0 b 2 0.1\n", .untagged), ("q a 1 2.5 t\nq b 2 0.1 t\n", .tagged),
        ("q a 1 2.5\nq b 2 0.1\n", .ranked), ("q\ta\t1\nq\tb\t2\n", .marco), ("q\ta\t2.5\nq\tb\t0.1\n", .scored),
        ("query_id\tdoc_id\tscore\nq\ta\t2.5\nq\tb\t0.1\n", .scored),
    ])
    func runsOfEveryShapeRankTheSame(text: String, format: RunFile.Format) throws {
        let contents = try run(text)
        #expect(contents.format == format)
        #expect(contents.run["q"].map(\.id) == ["a", "b"])
        #expect(contents.run["q"].map(\.score) == (format == .marco ? [-1, -2] : [2.5, 0.1]))
    }

    @Test func aDocumentTwiceIsRefusedOrItsHighestScoreKept() throws {
        let text = "q Q0 a 1 1 t\nq Q0 b 2 3 t\nq Q0 a 3 5 t\n"
        let error = #expect(throws: FormatError.self) { _ = try run(text) }
        #expect(error?.description.contains("line 3") == true)
        let contents = try run(text, dropsRepeated: true)
        #expect(contents.repeated == 1)
        #expect(contents.run["q"] == [ScoredDocument(id: "a", score: 5), ScoredDocument(id: "b", score: 3)])
    }

    /// Swift's own reading of a number is the oracle.
    @Test(arguments: [
        "0", "-0", "12.25", "-3", "0.1", "123456789012345", "1234567890.12345", ".5", "1e5", "-2.5E-3",
        "1234567890123456789", "0.30000000000000004", "7.",
    ])
    func scoresAreTheNearestDoubles(text: String) throws {
        let found = try run("q Q0 a 1 \(text) t\n").run["q"].first?.score
        #expect(found == Double(text), "\(text)")
    }

    @Test(arguments: [
        ("q a", "2 columns"), ("q a b", "3 columns"), ("q a 1 x", "4 columns"), ("q a b c d", "5 columns"),
    ])
    func shapesThatNothingHasAreNamed(line: String, message: String) throws {
        let error = #expect(throws: FormatError.self) { _ = try run(line + "\n") }
        #expect(
            error?.description.contains("line 1 has \(message), expected 6") == true, "\(String(describing: error))")
    }
}
