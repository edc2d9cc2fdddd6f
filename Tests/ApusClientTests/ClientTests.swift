import Apus
import Foundation
import Testing

/// What a client writes: nothing but `import Apus`. The examples of the main types' documentation stand here, compiled and run.
@Suite struct ClientTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Runs `body` in a folder with an index of four texts, topics, judgements and a run.
    private func withCollection(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/apus-client-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = [
            "corpus.jsonl": """
            {"_id": "d1", "text": "Stars shine because of nuclear fusion."}
            {"_id": "d2", "text": "The moon shines by reflected light."}
            {"_id": "d3", "text": "Bread rises because of yeast."}
            {"_id": "d4", "title": "Stars", "text": "A star is a ball of gas."}

            """,
            "topics.tsv": "q1\twhy do stars shine\nq2\twhy does bread rise\n", "qrels.txt": "q1 0 d1 1\nq2 0 d3 1\n",
            "run.txt": "q1 Q0 d1 1 2.0 x\nq2 Q0 d2 1 1.0 x\nq2 Q0 d3 2 0.5 x\n",
        ]
        for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name)) }
        try await body(folder)
    }

    private func build(_ folder: String) async throws -> BuildReport {
        var builder = IndexBuilder(directory: folder + "/index")
        builder.existing = .replace
        builder.model = ModelChoice.none
        let report = try await builder.build(from: [folder + "/corpus.jsonl"])
        print(report.added, "documents in", report.seconds, "seconds")
        return report
    }

    @Test func aClientBuildsSearchesAndExplains() async throws {
        try await withCollection { folder in
            #expect(try await build(folder).added == 4)
            let index = try SearchIndex(folder + "/index")
            let answer = try index.search("why do stars shine")
            for document in answer.documents { print(document.rank, document.id, document.score) }
            #expect(
                answer.documents.map(\.id).prefix(2) == ["d1", "d4"] && answer.mode == SearchMode.bm25 && answer.isExact
            )
            let explanation = try index.explain("why do stars shine", document: answer.documents[0].id, SearchOptions())
            print(explanation.score, explanation.fields.flatMap(\.terms).map(\.term))
            #expect(explanation.score == answer.documents[0].score)
            print(try AnswerJSON.text(AnswerDocument("why do stars shine", answer, in: index)))
            let json = try AnswerJSON.text(AnswerDocument("why do stars shine", answer, in: index))
            let read = try JSONDecoder().decode(AnswerDocument.self, from: Data(json.utf8))
            #expect(read.candidates == answer.documents)
            try options(index)
            try snapshot(folder)
        }
    }

    private func options(_ index: SearchIndex) throws {
        var options = SearchOptions()
        options.mode = .bm25
        options.hits = 100
        options.bm25 = BM25Parameters(k1: 1.2, b: 0.75)
        let answer = try index.search("why do stars shine", options)
        #expect(options.ranking(.bm25).summary == "BM25 k1 1.2 b 0.75" && answer.documents.count == 3)
    }

    private func snapshot(_ folder: String) throws {
        let snapshot = try IndexSnapshot.open(folder + "/index")
        let terms = [QueryTerm(term: "star", weight: 1), QueryTerm(term: "shine", weight: 1)]
        let result = try snapshot.search(Query(field: .text, terms: terms), k: 10)
        for hit in result.hits { print(hit.id, hit.score) }
        print(result.certificate.isExact, try snapshot.documentFrequency(of: "star", field: .text))
        let frequency = try snapshot.documentFrequency(of: "star", field: .text)
        #expect(result.hits.first?.id == "d1" && frequency == 2)
    }

    @Test func aClientIndexesDocumentsOfItsOwn() async throws {
        struct Lost: Error {}
        try await withCollection { folder async throws in
            var texts = ["d1": "Stars shine.", "d2": "Bread rises."].makeIterator()
            let feed = DocumentFeed(name: "my texts") {
                texts.next().map { CorpusDocument(id: $0.key, text: $0.value) }
            }
            var builder = IndexBuilder(directory: folder + "/own")
            builder.model = ModelChoice.none
            let added = try await builder.build(from: feed).added
            #expect(added == 2)
            builder.existing = .append
            let same = DocumentFeed(name: "my texts") { CorpusDocument(id: "d1", text: "again", line: 7) }
            let error = await #expect(throws: ApusError.self) { try await builder.build(from: same) }
            let sentence = "\(try #require(error))"
            #expect(sentence.hasPrefix("'my texts' line 7: document 'd1'"))
            var count = 0
            let failing = DocumentFeed(name: "my texts") {
                count += 1
                if count > 1000 { throw Lost() }
                return CorpusDocument(id: "n\(count)", text: "word")
            }
            await #expect(throws: Lost.self) { try await builder.build(from: failing) }
            let left = try SearchIndex(folder + "/own").snapshot.documentCount
            #expect(left == 2)
        }
    }

    @Test func aClientEvaluatesARunAndAnIndex() async throws {
        try await withCollection { folder in
            let qrels = try QrelsFile.read(folder + "/qrels.txt").qrels
            let run = try RunFile.read(folder + "/run.txt")
            let measures = try Measure.list(parsing: "nDCG@10 AP R@100")
            let evaluation = Evaluation(of: run, against: qrels, measures: measures)
            print(evaluation.means, evaluation.judgedQueries.count)
            // By hand: average precision 1 for q1, 1/2 for q2.
            #expect(evaluation.means[1] == 0.75)
            _ = try await build(folder)
            let batch = try SearchIndex(folder + "/index").search(Topics.read(folder + "/topics.tsv"), threads: 2)
            #expect(Evaluation(of: batch.run, against: qrels, measures: measures).means == [1, 1, 1])
        }
    }

    @Test func aClientFusesRankings() {
        let words = [(id: "a", score: 9.0), (id: "b", score: 5.0)]
        let learned = [(id: "b", score: 30.0), (id: "c", score: 20.0)]
        let best = Fusion.reciprocalRank(k: Fusion.usualConstant).fuse(bm25: words, learned: learned, k: 10)
        print(best.map(\.id))
        #expect(best.map(\.id) == ["b", "a", "c"] && best.map(\.rank) == [1, 2, 3])
    }

    @Test func aClientEncodes() throws {
        let model = Self.root + "/Tests/Fixtures/LearnedEncoder/bert-max"
        let encoder = try SparseEncoder(ModelFiles(folder: model))
        let documents = try encoder.encodeDocuments(["stars shine by fusion"], threads: 4)
        let query = try encoder.encodeQuery("why do stars shine", side: .siamese)
        print(query.heaviestFirst.map { encoder.vocabulary[Int(query.terms[$0])] })
        print(documents[0].terms.count)
        #expect(!query.terms.isEmpty && documents.count == 1)
        try choose(model)
    }

    private func choose(_ model: String) throws {
        let choice = ModelChoice.folder(model)
        let encoder = try choice.load(maximumLength: 16)
        #expect(encoder != nil)
    }

    /// As in a program that links no bundled model; the tests of the C interface, in the same process, do.
    @Test func aMissingBundledModelIsSaidInOneSentence() async throws {
        try await withCollection { folder in
            var builder = IndexBuilder(directory: folder + "/learned")
            builder.model = .bundled
            let error = await ModelChoice.$knowsBundled.withValue(false) {
                await #expect(throws: ApusError.self) {
                    try await builder.build(from: [folder + "/corpus.jsonl"])
                }
            }
            let sentence = "\(try #require(error))"
            #expect(sentence.contains("ApusBundledModel") && !sentence.contains("\n"))
        }
    }

    /// Each line of the examples stands above, save what is in quotes.
    @Test(arguments: [
        "Apus/Searching/SearchIndex", "Apus/Indexing/IndexBuilder", "Apus/Settings/SearchOptions",
        "Apus/Rankings/Fusion",
        "Apus/Models/ModelChoice", "Apus/Answers/AnswerDocument", "InvertedIndex/Reading/IndexSnapshot",
        "RetrievalEvaluation/Evaluation", "LearnedEncoder/SparseEncoder",
    ])
    func theExamplesOfTheDocumentationAreCompiled(file: String) throws {
        func bare(_ line: Substring) -> String {
            // Strings, numbers and what a test puts beside a path differ.
            let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
            let outside = parts.enumerated().filter { $0.offset % 2 == 0 }.map(\.element).joined()
            return outside.replacing("folder + ", with: "").replacing(
                "ModelFiles(folder: model)", with: "ModelFiles(folder: )"
            )
            .replacing(".folder(model)", with: ".folder()").filter { !$0.isWhitespace && !$0.isNumber }
        }
        let own = Set(try String(contentsOfFile: #filePath, encoding: .utf8).split(separator: "\n").map(bare))
        let source = try String(contentsOfFile: Self.root + "/Sources/\(file).swift", encoding: .utf8)
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("public ") && !$0.contains("import ") })
        let example = lines[..<start].filter { $0.hasPrefix("///     ") && !$0.hasPrefix("///     //") }
        #expect(example.count >= 2)
        for line in example {
            let code = bare(line.dropFirst(8))
            #expect(own.contains { $0.contains(code) }, "\(line)")
        }
    }
}
