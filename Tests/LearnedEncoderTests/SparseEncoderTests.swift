import ApusTestSupport
import Testing

@testable import LearnedEncoder

/// The public behaviour, from text to vector.
@Suite struct SparseEncoderTests {
    static let texts = try? Fixture.expected("bundled.json").map(\.text)

    func tiny(_ name: String = "bert-max", precision: Precision = .automatic) throws -> SparseEncoder {
        try SparseEncoder(ModelFiles(folder: Fixture.folder(name)), precision: precision)
    }

    @Test(arguments: Fixture.tinyModels)
    func textsGiveTheVectorsOfTransformers(name: String) throws {
        let encoder = try tiny(name)
        let expected = try Fixture.expected(name + "/expected.json")
        let found = try encoder.encodeDocuments(expected.map(\.text), threads: 2)
        for (row, vector) in zip(expected, found) {
            let largest = max(1, row.weights.max() ?? 0)
            #expect(
                Fixture.difference((vector.terms, vector.weights), (row.terms, row.weights)) <= 1e-4 * largest,
                "\(row.text)")
            #expect(vector.isTruncated == (row.length > 48), "\(row.text)")
        }
    }

    @Test(arguments: [("router-table", QuerySide.inferenceFree), ("router-encoders", .siamese)])
    func bothRoutesOfARouterAgreeWithSentenceTransformers(name: String, side: QuerySide) throws {
        let encoder = try tiny(name)
        #expect(encoder.description.querySides == [side])
        for row in try Fixture.expected(name + "/expected.json") {
            let vector = try encoder.encodeDocuments([row.text], threads: 1)[0]
            #expect(Fixture.difference((vector.terms, vector.weights), (row.terms, row.weights)) <= 1e-4, "\(row.text)")
        }
        // A table costs nothing per token, so Apus cuts no query there; sentence-transformers cuts at 48.
        let queries = try Fixture.expected(name + "/expected-queries.json")
        for row in queries where side == .siamese || row.length <= 48 {
            let vector = try encoder.encodeQuery(row.text, side: side)
            #expect(Fixture.difference((vector.terms, vector.weights), (row.terms, row.weights)) <= 1e-4, "\(row.text)")
        }
    }

    @Test(arguments: KernelLevel.available, [Precision.f32, .bf16, .int8])
    func everyInstructionSetGivesTheSameVectors(level: KernelLevel, precision: Precision) throws {
        let files = try ModelFiles(folder: Fixture.folder("bert-max"))
        let texts = try #require(Self.texts)
        let plain = try SparseEncoder(files, maximumLength: nil, precision: precision, level: .plain)
        let fast = try SparseEncoder(files, maximumLength: nil, precision: precision, level: level)
        #expect(fast.description.kernels == level.name)
        let expected = try plain.encodeDocuments(texts, threads: 1)
        for (a, b) in zip(try fast.encodeDocuments(texts, threads: 1), expected) {
            let (a, b) = ((a.terms, a.weights), (b.terms, b.weights))
            switch precision {
            // Rounding may move an activation by one of 255 steps; a limit for pairs makes the weights' steps larger.
            case .int8: #expect(Fixture.cosine(a, b) > (level.pairLimit == nil ? 0.9995 : 0.999))
            // One level rounds activations too, the others only weights.
            case .bf16: #expect(Fixture.cosine(a, b) > 0.9999)
            default: #expect(Fixture.difference(a, b) < 1e-5)
            }
        }
    }

    @Test(arguments: [Precision.f32, .bf16, .int8])
    func neitherBatchesNorThreadsChangeAVector(precision: Precision) throws {
        let encoder = try tiny(precision: precision)
        let texts = try #require(Self.texts) + ["", "   ", "cat"]
        let many = (0..<120).map { texts[$0 * 7 % texts.count] }
        let alone = try texts.map { try encoder.encodeDocuments([$0], threads: 1)[0] }
        for threads in [1, 2, 5] {
            let together = try encoder.encodeDocuments(many, threads: threads)
            #expect(together == (0..<120).map { alone[$0 * 7 % texts.count] })
        }
    }

    @Test func textsWithoutTokensGiveEmptyVectors() throws {
        let encoder = try tiny()
        #expect(try encoder.encodeDocuments([], threads: 2) == [])
        for text in ["", " \t\n", "\u{0}\u{1}", "\u{200B}"] {
            #expect(try encoder.encodeDocuments([text], threads: 1) == [SparseVector()])
            #expect(try encoder.encodeQuery(text, side: .siamese) == SparseVector())
            #expect(try encoder.encodeQuery(text, side: .inferenceFree) == SparseVector())
        }
    }

    @Test func termsAscendAndWeightsArePositive() throws {
        let encoder = try tiny()
        for vector in try encoder.encodeDocuments(#require(Self.texts), threads: 1) {
            #expect(zip(vector.terms, vector.terms.dropFirst()).allSatisfy { $0 < $1 })
            #expect(vector.weights.allSatisfy { $0 > 0 && $0.isFinite })
            #expect(vector.terms.count == vector.weights.count)
        }
    }

    @Test func anInferenceFreeQueryCountsPresenceOnly() throws {
        let encoder = try tiny()
        let once = try encoder.encodeQuery("cat water", side: .inferenceFree)
        #expect(try encoder.encodeQuery("Cat cat water water CAT", side: .inferenceFree) == once)
        #expect(once.terms.map { encoder.vocabulary[Int($0)] }.sorted() == ["cat", "water"])
        // idf.json of the fixture gives token i the weight 1 + 0.01 i, and none to the special tokens.
        for (term, weight) in zip(once.terms, once.weights) { #expect(abs(weight - 1 - 0.01 * Float(term)) < 1e-5) }
        #expect(try encoder.encodeQuery("[CLS] [SEP] [PAD]", side: .inferenceFree).terms.allSatisfy { $0 > 4 })
    }

    @Test func aSiameseQueryIsADocument() throws {
        let encoder = try tiny()
        #expect(
            try encoder.encodeQuery("cat water", side: .siamese)
                == encoder.encodeDocuments(["cat water"], threads: 1).first)
    }

    @Test func typedTermsAreTheTextsOwnTokens() throws {
        let encoder = try tiny()
        #expect(encoder.typedTerms("Cat, cat!").map { encoder.vocabulary[Int($0)] }.sorted() == ["!", ",", "cat"])
    }

    @Test func theMaximumLengthCutsAndSaysSo() throws {
        let files = try ModelFiles(folder: Fixture.folder("bert-max"))
        let short = try SparseEncoder(files, maximumLength: 5)
        let vectors = try short.encodeDocuments(["cat mat water", "cat mat water heart light"], threads: 1)
        #expect(vectors.map(\.isTruncated) == [false, true])
        #expect(vectors[0].terms == vectors[1].terms && vectors[0].weights == vectors[1].weights)
    }

    @Test func theDescriptionSaysWhatWasUnderstood() throws {
        let description = try tiny("distilbert-bf16-double-log").description
        #expect(description.architecture == "DistilBertForMaskedLM")
        #expect(description.layers == 2 && description.hiddenSize == 32 && description.vocabularySize == 300)
        #expect(description.maximumLength == 48 && description.pooling == .max)
        #expect(description.activation == "log1p(log1p(relu(x)))")
        #expect(description.querySides == [.siamese] && description.precision == .f32)
        #expect(try tiny().description.querySides == [.siamese, .inferenceFree])
        #expect(try tiny("bert-sum-untied").description.pooling == .sum)
        #expect(try tiny().description.identity != tiny("distilbert-max").description.identity)
    }

    @Test func batchesHoldEachTextOnce() {
        for (lengths, tokens) in [
            ([], 10), ([5], 3), ([3, 9, 2, 0, 4, 4, 8, 3], 9), ([Int](repeating: 3, count: 100), 1000),
        ] {
            let batches = Batch.plan(lengths: lengths, tokens: tokens)
            #expect(batches.joined().sorted() == lengths.indices.filter { lengths[$0] > 2 })
            for batch in batches {
                #expect(batch.count == 1 || batch.reduce(0) { $0 + lengths[$1] } <= tokens)
                #expect(batch.count <= Workspace.batchTexts)
            }
        }
    }
}
