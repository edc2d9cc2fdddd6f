import Apus
import ApusTestSupport
import ByteStrings
import CorpusFormats
import Foundation
import InvertedIndex
import RetrievalEvaluation
import Testing

/// What the tuner says of a combination is what searching with it and measuring says; the choice becomes the index's own.
@Suite struct FusionTunerTests {
    private let index: String
    private let topics: [Topic]
    private let vectors: [ByteString: [QueryTerm]]
    private let qrels: Qrels
    private let measure: Measure

    /// Documents whose words say little and whose vectors say much of which topic they are about.
    init() async throws {
        let directory = try TestPaths.temporaryDirectory()
        var random = SplitMix64(seed: 4)
        var lines: [String] = []
        var grades: [ByteString: [ByteString: Int]] = [:]
        for number in 0..<120 {
            let subject = number % 30
            let words = (0..<12).map { _ in
                "w" + String(repeating: "x", count: Int.random(in: 0...9, using: &random))
            }
            let terms = Set([subject, Int.random(in: 0..<40, using: &random), Int.random(in: 0..<40, using: &random)])
            let weights = terms.sorted().map { "\"t\($0)\": \(Float.random(in: 0.2...2, using: &random))" }
            lines.append(
                "{\"id\": \"d\(number)\", \"contents\": \"\(words.joined(separator: " "))\", \"vector\": "
                    + "{\(weights.joined(separator: ", "))}, \"even\": \(number % 2 == 0)}")
            grades[ByteString("q\(subject)"), default: [:]][ByteString("d\(number)")] = Int.random(
                in: 1...2, using: &random)
        }
        try lines.joined(separator: "\n").write(toFile: directory + "/v.jsonl", atomically: true, encoding: .utf8)
        var builder = IndexBuilder(directory: directory + "/index")
        builder.importsVectors = true
        _ = try await builder.build(from: [directory + "/v.jsonl"])
        index = directory + "/index"
        // One topic has no judgement, one no learned term.
        topics = (0...30).map { Topic(id: "q\($0)", text: "wx w" + String(repeating: "x", count: $0 % 9)) }
        var vectors: [ByteString: [QueryTerm]] = [:]
        for number in 0..<29 {
            vectors[ByteString("q\(number)")] = [
                QueryTerm(term: "t\(number)", weight: 1),
                QueryTerm(term: "t\((number * 7 + 3) % 40)", weight: Float.random(in: 0.1...0.3, using: &random)),
            ]
        }
        self.vectors = vectors
        qrels = Qrels(grades: grades)
        measure = try #require(try Measure.list(parsing: "nDCG@10").first)
    }

    private func measured(_ options: SearchOptions) throws -> Double {
        var options = options
        (options.mode, options.hits) = (.hybrid, 100)
        let run = try SearchIndex(index).search(topics, vectors: vectors, options).run
        return try #require(Evaluation(of: run, against: qrels, measures: [measure]).means.first)
    }

    private func report(_ change: (inout FusionTuner) -> Void = { _ in }) throws -> FusionTuningReport {
        var tuner = try FusionTuner(SearchIndex(index), measure: measure)
        tuner.threads = 2
        change(&tuner)
        return try #require(try tuner.learn(topics, qrels: qrels, vectors: vectors))
    }

    @Test func figuresAreThoseOfSearches() async throws {
        let found = try report()
        #expect(found.queries == 30 && found.folds.count == 5)
        let now = try measured(SearchOptions())
        #expect(abs(found.current.mean - now) < 1e-12)
        // The words mislead here: more weight on the vectors is better, and the folds agree.
        #expect(found.chosen != found.now && found.isWorthStoring && found.apparent > now)
        for point in found.curve {
            var options = SearchOptions()
            let chosen = found.chosen
            options.bm25 = chosen.bm25
            options.idfPower = chosen.idfPower
            options.fusion = chosen.fusion
            switch point.parameter {
            case "weight": options.fusion = chosen.fusion.with(weight: try #require(Double(point.value)))
            case "scores":
                options.fusion = .convex(try #require(Fusion.Convex(rawValue: point.value)), weight: chosen.weight)
            case "idf power": options.idfPower = Double(point.value)
            default:
                let words = point.value.split(separator: " ")
                options.bm25 = BM25Parameters(k1: try #require(Float(words[1])), b: try #require(Float(words[3])))
            }
            let value = try measured(options)
            #expect(abs(point.estimate.mean - value) < 1e-12, "\(point.parameter) \(point.value)")
            #expect(abs(point.difference.mean - (value - now)) < 1e-12)
            #expect(!point.isChosen || abs(value - found.apparent) < 1e-12)
        }
        #expect(Set(found.curve.map(\.parameter)) == ["weight", "scores", "bm25", "idf power"])
        // Thirty queries are few.
        #expect(found.warnings.contains { $0.contains("30 judged queries are few") })
    }

    @Test func theChoiceBecomesTheIndexsOwn() async throws {
        let found = try report()
        let before = try SearchIndex(index)
        let commit = try await FusionTuner.store(found.chosen, in: index)
        let after = try SearchIndex(index)
        #expect(commit == before.snapshot.generation + 1 && after.snapshot.generation == commit)
        #expect(after.settings.fusion == found.chosen.fusion && after.settings.idfPower == found.chosen.idfPower)
        #expect(after.settings.bm25 == found.chosen.bm25 && after.settings.isComplete)
        #expect(abs(try measured(SearchOptions()) - found.apparent) < 1e-12)
        // What is asked for still counts more.
        var options = SearchOptions()
        options.fusion = .minMax(weight: 0.6)
        (options.bm25, options.idfPower) = (BM25Parameters(), 0)
        #expect(abs(try measured(options) - found.current.mean) < 1e-12)
        // Later changes keep it.
        _ = try await DocumentDeletion(of: ["d119"]).run(index)
        #expect(try SearchIndex(index).settings.fusion == found.chosen.fusion)
    }

    @Test func aFilterIsPartOfWhatIsMeasured() async throws {
        let filter = try Filter(parsing: "even = true")
        let found = try report { $0.options.filter = filter }
        var options = SearchOptions()
        options.filter = filter
        #expect(abs(found.current.mean - (try measured(options))) < 1e-12)
        #expect(found.current.mean != (try measured(SearchOptions())))
    }

    @Test func whatCannotBeTunedIsRefused() async throws {
        let tuner = try FusionTuner(SearchIndex(index), measure: measure)
        let few = #expect(throws: ApusError.self) {
            _ = try tuner.learn(Array(topics.prefix(9)), qrels: qrels, vectors: vectors)
        }
        #expect(few?.description.contains("9 of the topics have judgements, and 10 are needed") == true)
        #expect(throws: ApusError.self) { _ = try tuner.learn(topics, qrels: qrels) }
        let cancelled = try tuner.learn(topics, qrels: qrels, vectors: vectors, isCancelled: { true })
        #expect(cancelled == nil)
    }
}
