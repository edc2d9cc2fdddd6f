import ApusTestSupport
import Foundation
import Testing

@testable import Apus

/// What is wrong with judgements and runs is counted, with lines. The right answers were counted by hand.
@Suite struct DoctorRunTests {
    private static let corpus = ["a", "b", "c"].map { DoctorFiles.document($0, "text of \($0)") }

    // MARK: Judgements

    @Test func judgementsAreHeldAgainstCorpusAndTopics() throws {
        var files = try DoctorFiles()
        try files.add("corpus.jsonl", Self.corpus)
        try files.add("topics.tsv", ["q1\tfirst", "q2\tsecond"])
        try files.add(
            "qrels.txt",
            ["q1 0 a 1", "q1 0 x 2", "q1 0 y 0", "q2 0 b 0", "q3 0 a 1", "q1 0 a 0", "q2 0 b 0", "q1 0 z 1.5"])
        let report = try files.report()
        #expect(
            report.complaints == [
                "conflicting-judgements", "judged-documents-missing", "judged-queries-missing", "malformed-lines",
                "queries-without-relevant-documents", "relevant-documents-missing",
            ])
        #expect(try report.finding("relevant-documents-missing").examples.map(\.line) == [2])
        #expect(try report.finding("judged-documents-missing").examples.map(\.line) == [3])
        #expect(
            try report.finding("judged-queries-missing").examples == [.init(line: 5, id: "q3", "no topic has this id")])
        #expect(
            try report.finding("conflicting-judgements").examples
                == [.init(line: 6, id: "q1", "document 'a': 0 here, 1 before")])
        #expect(try report.finding("repeated-judgements").examples.map(\.line) == [7])
        #expect(try report.finding("malformed-lines").examples.map(\.line) == [8])
        // q1's relevant document became not relevant on line 6, but x stays.
        #expect(try report.finding("queries-without-relevant-documents").examples.map(\.id) == ["q2"])
        #expect(try report.finding("grades").summary == "3 queries with 7 judgements: grade 0 4, grade 1 2, grade 2 1.")
    }

    @Test func judgementsOfAnotherCollectionAreNamedAsSuch() throws {
        var files = try DoctorFiles()
        try files.add("corpus.jsonl", Self.corpus)
        try files.add("topics.tsv", ["q1\tfirst"])
        try files.add("qrels.txt", ["1 0 d1 1", "1 0 d2 1"])
        let report = try files.report()
        for check in ["relevant-documents-missing", "judged-queries-missing"] {
            #expect(try report.finding(check).fix?.hasPrefix("Not one judged") == true)
        }
    }

    // MARK: Runs

    private func report(_ lines: [String], name: String = "my.run") throws -> DoctorReport {
        var files = try DoctorFiles()
        try files.add(name, lines)
        return try files.report()
    }

    @Test func scoresThatTieAreCounted() throws {
        let report = try report([
            "q1 Q0 a 1 2.5 x", "q1 Q0 b 2 2.5 x", "q1 Q0 c 3 1.5 x", "q1 Q0 d 4 1.5 x", "q2 Q0 a 1 2 x",
            "q2 Q0 b 2 1 x",
        ])
        let finding = try report.finding("score-ties")
        #expect(finding.severity == .warning)
        #expect(finding.count == 1)
        #expect(finding.summary.hasPrefix("In 1 of 2 queries scores tie: 4 results, 4 of them within the first ten."))
        #expect(finding.examples.first?.line == 2)
        #expect(report.complaints == ["score-ties"])
    }

    @Test func tiesInSinglePrecisionAreANote() throws {
        let report = try report(["q1 Q0 a 1 0.123456789012 x", "q1 Q0 b 2 0.123456789011 x"])
        #expect(try report.finding("ties-in-single-precision").count == 1)
        #expect(report.complaints.isEmpty)
    }

    @Test func scoresThatAreNoNumbersAreAFault() throws {
        let report = try report([
            "q1 Q0 a 1 inf x", "q1 Q0 b 2 nan x", "q1 Q0 c 3 1e999 x", "q1 Q0 d 4 1 x", "q1 Q0 e 5 - x",
        ])
        let finding = try report.finding("scores-not-finite")
        #expect(finding.severity == .fault)
        #expect(finding.examples.map(\.line) == [1, 2, 3])
        #expect(
            try report.finding("malformed-lines").examples == [.init(line: 5, "the score '-' is not a usable number.")])
    }

    @Test func ranksAgainstScoresAreAFault() throws {
        // Distances: the nearest first, with the smallest score.
        let report = try report(["q1 Q0 a 1 0.1 x", "q1 Q0 b 2 0.2 x", "q2 Q0 a 1 5 x", "q2 Q0 b 2 4 x"])
        let finding = try report.finding("ranks-against-scores")
        #expect(finding.severity == .fault)
        #expect(finding.count == 1)
        #expect(
            finding.examples
                == [.init(line: 2, id: "q1", "rank 2 has score 0.2, rank 1 on line 1 has 0.1")])
        #expect(report.complaints == ["ranks-against-scores"])
    }

    /// The order of lines says nothing: only ranks and scores do.
    @Test func shuffledLinesAreNoFault() throws {
        let lines = ["q1 Q0 c 3 1 x", "q2 Q0 a 1 9 x", "q1 Q0 a 1 3 x", "q1 Q0 b 2 2 x"]
        let report = try report(lines)
        #expect(report.complaints.isEmpty, "\(report.findings)")
        #expect(
            try report.finding("depth").summary
                == "2 queries, depth 3 at most, 3 in the middle, 1 at least; 1 query has fewer than the most.")
    }

    @Test func ranksThatRepeatOrSkipAreANote() throws {
        let report = try report(["q1 Q0 a 1 3 x", "q1 Q0 b 3 2 x", "q2 Q0 a 0 3 x", "q2 Q0 b 0 2 x"])
        #expect(try report.finding("uneven-ranks").examples.map(\.line) == [2, 3])
        #expect(report.complaints.isEmpty)
    }

    @Test func repeatedDocumentsAreAFaultWhereverTheyStand() throws {
        let report = try report(["q1 Q0 a 1 3 x", "q2 Q0 a 1 2 x", "q1 Q0 b 2 2 x", "q1 Q0 a 3 1 x"])
        #expect(
            try report.finding("repeated-results").examples
                == [.init(line: 4, id: "q1", "the document of line 1 again")])
        #expect(report.complaints == ["repeated-results"])
    }

    @Test func aRunIsHeldAgainstCorpusTopicsAndJudgements() throws {
        var files = try DoctorFiles()
        try files.add("corpus.jsonl", Self.corpus)
        try files.add("topics.tsv", ["q1\tfirst", "q2\tsecond", "q4\tfourth"])
        try files.add("qrels.txt", ["q1 0 a 1", "q2 0 b 1"])
        try files.add(
            "my.run",
            ["q1 Q0 b 1 3 x", "q1 Q0 x 2 2 x", "q1 Q0 a 3 1 x", "q3 Q0 a 1 1 x", "q4 Q0 c 1 1 other"])
        let report = try files.report()
        #expect(
            report.complaints == [
                "judged-queries-unanswered", "queries-not-among-topics", "results-not-in-the-corpus", "several-tags",
            ])
        #expect(
            try report.finding("results-not-in-the-corpus").examples
                == [.init(line: 2, id: "q1", "document 'x' is not there")])
        #expect(try report.finding("queries-not-among-topics").examples.map(\.id) == ["q3"])
        #expect(try report.finding("judged-queries-unanswered").examples.map(\.id) == ["q2"])
        #expect(try report.finding("judged-queries-unanswered").severity == .warning)
        #expect(try report.finding("queries-not-judged").examples.map(\.id) == ["q3", "q4"])
        // Of b, x and a only a is judged.
        #expect(try report.finding("unjudged-results").summary.hasPrefix("66.7 % of the first ten results"))
    }

    @Test func ranksOfMSMARCOAreNoScores() throws {
        let report = try report(["1\ta\t1", "1\tb\t2", "2\ta\t1"], name: "run.tsv")
        #expect(report.places.map(\.kind) == [.run])
        #expect(report.complaints.isEmpty)
    }
}
