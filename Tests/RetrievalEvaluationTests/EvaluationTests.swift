import ApusTestSupport
import ByteStrings
import RetrievalEvaluation
import Testing

/// Expected values: Scripts/oracles/measures (ir_measures over trec_eval, cwl_eval, gdeval; scipy).
@Suite struct EvaluationTests {
    @Test(arguments: ["a", "b"])
    func everyValueEqualsTheOracles(tag: String) throws {
        let qrels = try MeasureFixtures.qrels()
        let run = try MeasureFixtures.run(tag)
        let expected = try MeasureFixtures.rows("expected.tsv").filter { $0[0] == tag }
        var measures: [String: Measure] = [:]
        for row in expected { measures[String(row[1])] = try Measure(parsing: String(row[1])) }
        let names = measures.keys.sorted()
        let evaluation = Evaluation(of: run, against: qrels, measures: names.compactMap { measures[$0] })
        #expect(names.count >= 45)
        #expect(expected.count == names.count * (qrels.grades.count + 1))
        for row in expected {
            let index = try #require(names.firstIndex(of: String(row[1])))
            let value =
                row[2] == "all" ? evaluation.means[index] : evaluation.perQuery[ByteString(String(row[2]))]?[index]
            let difference = abs(try #require(value) - (Double(row[3]) ?? .nan))
            // gdeval prints five decimals.
            let tolerance = row[1].hasPrefix("ERR") || row[1].contains("exp") ? 6e-6 : 1e-6
            #expect(difference <= tolerance, "\(row)")
        }
    }

    @Test func queriesThatCannotBeMeasuredAreNamed() throws {
        let qrels = try MeasureFixtures.qrels()
        let evaluation = Evaluation(
            of: try MeasureFixtures.run("a"), against: qrels, measures: [try Measure(parsing: "AP")])
        #expect(evaluation.judgedQueries.count == 30)
        #expect(evaluation.judgedQueries.first == "1")
        #expect(evaluation.queriesWithoutResults == ["7", "8"])
        #expect(evaluation.unjudgedQueries == ["99", "q-x"])
        #expect(evaluation.perQuery["99"] == nil)
        #expect(qrels.queriesWithoutRelevantDocuments.contains("5"))
        #expect(evaluation.perQuery["5"] == [0])
    }

    @Test func nothingToMeasureGivesZeros() throws {
        let measures = try Measure.list(parsing: "nDCG@10 AP Judged@10 NumQ NumRet RBP ERR@5 Rprec Bpref")
        let empty = Evaluation(of: Run(tag: "x"), against: Qrels(), measures: measures)
        #expect(empty.means == [Double](repeating: 0, count: measures.count))
        let without = Evaluation(of: Run(tag: "x"), against: Qrels(grades: ["1": ["a": 1]]), measures: measures)
        #expect(without.means == measures.map { $0.name == "NumQ" ? 1 : 0 })
    }

    @Test func tiesAreBrokenByDescendingBytesOfTheIDs() {
        let ids = ["😀", "～", "z", "é", "e", "Z", "a", "aa", "10", "9"]
        let run = Run(tag: "t", rankings: ["q": ids.map { ScoredDocument(id: $0, score: 1) }])
        let expected = ids.sorted { Array($1.utf8).lexicographicallyPrecedes(Array($0.utf8)) }
        #expect(run["q"].map(\.id) == expected)
        #expect(run["q"].first?.id == "😀")
    }

    @Test func scoresAreComparedAs32BitFloats() {
        let run = Run(
            tag: "t", rankings: ["q": [ScoredDocument(id: "a", score: 1), ScoredDocument(id: "b", score: 1 - 1e-9)]])
        #expect(run["q"].map(\.id) == ["b", "a"])
    }

    /// pytrec_eval-terrier 0.5.11 and ir_measures say AP 0.5 here, trec_eval 9.0.8 and 10 say 1.
    @Test func tiesThatOnlySinglePrecisionSeesAreNamed() throws {
        let documents = [("a", 0.975230281006), ("b", 0.975230281005)].map { ScoredDocument(id: $0, score: $1) }
        let run = Run(tag: "t", rankings: ["q": documents, "r": [documents[0]]])
        #expect(run.queriesThatTieInSinglePrecision == ["q"])
        let evaluation = Evaluation(
            of: run, against: Qrels(grades: ["q": ["a": 1]]), measures: [try Measure(parsing: "AP")])
        #expect(evaluation.means == [0.5])
        #expect(self.run([0.5, 0.25]).queriesThatTieInSinglePrecision.isEmpty)
        #expect(self.run([0.5, 0.5]).queriesThatTieInSinglePrecision.isEmpty)
    }

    private func run(_ scores: [Double]) -> Run {
        let documents = scores.enumerated().map { ScoredDocument(id: "\($0)", score: $1) }
        return Run(tag: "t", rankings: ["q": documents])
    }

    @Test func whatIsNotANumberStandsLast() {
        #expect(run([.nan, 1, -.infinity, 2, .nan]).rankings["q"]?.map(\.id) == ["3", "1", "4", "2", "0"])
    }

    /// trec_eval compares ids with strcmp: two spellings of one character are two documents, and two queries.
    @Test func idsAreBytes() throws {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let qrels = Qrels(grades: [ByteString(composed): [ByteString(composed): 1, ByteString(decomposed): 0]])
        let run = Run(
            tag: "t",
            rankings: [
                ByteString(composed): [
                    ScoredDocument(id: decomposed, score: 2), ScoredDocument(id: composed, score: 1),
                ],
                ByteString(decomposed): [ScoredDocument(id: decomposed, score: 1)],
            ])
        let evaluation = Evaluation(of: run, against: qrels, measures: [try Measure(parsing: "RR")])
        #expect(evaluation.means == [0.5] && evaluation.judgedResults == 2)
        #expect(evaluation.unjudgedQueries == [ByteString(decomposed)])
        #expect(run.queriesThatFoundThemselves.count == 2)
        let without = run.removingDocumentsNamedAsTheirQuery()
        #expect(without[ByteString(composed)] == [ScoredDocument(id: decomposed, score: 2)])
        #expect(without[ByteString(composed)] != [ScoredDocument(id: composed, score: 2)])
    }

    @Test func aRunOfOtherQueriesSharesNone() throws {
        let qrels = Qrels(grades: ["1": ["a": 1]])
        let documents = [ScoredDocument(id: "a", score: 1)]
        let other = Evaluation(of: Run(tag: "t", rankings: ["2": documents]), against: qrels, measures: [])
        #expect(other.sharesNoQuery && other.judgedResults == 0)
        #expect(!Evaluation(of: Run(tag: "t", rankings: ["1": documents]), against: qrels, measures: []).sharesNoQuery)
    }

    @Test func documentsNamedAsTheirQueryCanBeDropped() {
        let documents = ["q", "p"].map { ScoredDocument(id: $0, score: 1) }
        let run = Run(tag: "t", rankings: ["q": documents]).removingDocumentsNamedAsTheirQuery()
        #expect(run["q"].map(\.id) == ["p"])
        #expect(run.count == 1)
    }
}
