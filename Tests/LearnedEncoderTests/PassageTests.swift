import ApusTestSupport
import ParallelWork
import Testing
import TextAnalysis

@testable import LearnedEncoder

/// A text read in passages has the vector that its windows, encoded one by one and joined in a dictionary, give.
@Suite struct PassageTests {
    static let families = [
        "bert-max", "bert-sum-untied", "distilbert-bf16-double-log", "families/roberta-bf16", "families/xlm-roberta",
        "families/bge-m3", "families/modernbert", "families/mistral-echo", "families/llama", "families/cls-mlm",
        "families/mlm-no-specials", "families/csr-mean", "families/binary",
    ]

    private func encoder(_ name: String = "bert-max", maximumLength: Int? = nil) throws -> SparseEncoder {
        try SparseEncoder(ModelFiles(folder: Fixture.folder(name)), maximumLength: maximumLength)
    }

    /// `count` words that are one token each in the tiny WordPiece vocabulary.
    private func words(_ count: Int) -> String {
        (0..<count).map { ["cat", "mat", "water", "heart", "light"][$0 * $0 % 7 % 5] }.joined(separator: " ")
    }

    /// The slow twin.
    private func joined(_ text: String, _ encoder: SparseEncoder, _ split: PassageSplit) -> [UInt32: Float] {
        let transformer = encoder.documents.transformer
        let frame = transformer.frame
        let copies = frame.separator == nil ? 1 : 2
        let room = (split.length - frame.prefix.count - frame.suffix.count - (frame.separator?.count ?? 0)) / copies
        let ids = encoder.documents.tokenizer.encode(text, maximumLength: nil, addingSpecialTokens: false).ids
        var result: [UInt32: Float] = [:]
        var start = 0
        while !ids.isEmpty {
            let isLast = start + room >= ids.count
            let own = isLast ? Array(ids.suffix(room)) : Array(ids[start..<start + room])
            let read = frame.prefix + own + (frame.separator.map { $0 + own } ?? []) + frame.suffix
            let vector = encoder.documents.workspaces.withObject { transformer.encode([read], $0)[0] }
            for (term, weight) in zip(vector.terms, vector.weights) {
                result[term] = split.aggregate == .max ? max(result[term] ?? 0, weight) : (result[term] ?? 0) + weight
            }
            if isLast || split.aggregate == .first { break }
            start += min(split.stride ?? room, room)
        }
        return result
    }

    @Test(arguments: families)
    func theVectorIsThatOfTheWindows(name: String) throws {
        let encoder = try encoder(name)
        let texts = try #require(SparseEncoderTests.texts).prefix(12) + ["", "   ", "cat"]
        for split in [
            PassageSplit(length: 16), PassageSplit(length: 16, stride: 5), PassageSplit(length: 17, aggregate: .sum),
            PassageSplit(length: 16, stride: 3, aggregate: .sum), PassageSplit(length: 16, aggregate: .first),
        ] {
            let found = try #require(try encoder.encodeDocuments(Array(texts), passages: split, threads: 2))
            for (text, vector) in zip(texts, found) {
                let expected = joined(text, encoder, split)
                #expect(vector.terms == expected.keys.sorted(), "\(split): \(text)")
                #expect(vector.weights == vector.terms.map { expected[$0] ?? 0 }, "\(split): \(text)")
            }
            #expect(found.contains { $0.passages > 1 } == (split.aggregate != .first))
        }
    }

    /// [CLS] and [SEP] leave 6 places of 8.
    @Test(arguments: [
        (6, nil, 1), (7, nil, 2), (12, nil, 2), (13, nil, 3), (13, 6, 3), (13, 7, 3), (13, 8, 3), (10, 1, 5), (6, 1, 1),
        (1, 1, 1), (9, 2, 3), (10, 2, 3), (11, 2, 4),
    ])
    func aTextHasAsManyPassagesAsItNeeds(count: Int, stride: Int?, passages: Int) throws {
        let encoder = try encoder()
        let split = PassageSplit(length: 8, stride: stride)
        let vectors = try #require(try encoder.encodeDocuments([words(count)], passages: split, threads: 1))
        #expect(vectors[0].passages == passages && !vectors[0].isTruncated)
        let starts = try encoder.checked(split).starts(count: count, room: 6)
        let read = Set(starts.flatMap { $0..<min($0 + 6, count) })
        #expect(starts.count == passages && read == Set(0..<count), "no token is left out")
    }

    @Test func aTextThatFitsIsEncodedAsEver() throws {
        let encoder = try encoder()
        let texts = [words(6), words(1), "", " \t"]
        for aggregate in PassageSplit.Aggregate.allCases {
            let split = PassageSplit(length: 8, aggregate: aggregate)
            #expect(
                try encoder.encodeDocuments(texts, passages: split, threads: 2)
                    == encoder.encodeDocuments(texts, threads: 1))
        }
    }

    @Test(arguments: ["bert-max", "families/roberta-bf16", "families/xlm-roberta", "families/mistral-echo"])
    func theFirstPassageIsWhatTruncationKeeps(name: String) throws {
        let texts = try #require(SparseEncoderTests.texts)
        let split = PassageSplit(length: 12, aggregate: .first)
        let found = try encoder(name).encodeDocuments(texts, passages: split, threads: 2)
        #expect(try found == encoder(name, maximumLength: 12).encodeDocuments(texts, threads: 1))
        #expect(found?.contains(where: \.isTruncated) == true)
    }

    @Test(arguments: PassageSplit.Aggregate.allCases)
    func neitherBatchesNorThreadsChangeAVector(aggregate: PassageSplit.Aggregate) throws {
        let encoder = try encoder()
        let split = PassageSplit(length: 10, stride: 3, aggregate: aggregate)
        let texts = try #require(SparseEncoderTests.texts) + ["", words(100)]
        let alone = try texts.flatMap {
            try #require(try encoder.encodeDocuments([$0], passages: split, threads: 1))
        }
        for threads in [1, 2, 5] {
            #expect(try encoder.encodeDocuments(texts, passages: split, threads: threads) == alone)
        }
    }

    @Test func aTextOfTooManyPassagesIsCutAndSaysSo() throws {
        let encoder = try encoder()
        let split = PassageSplit(length: 8, stride: 1)
        let most = PassageSplit.mostPassages + 5  // tokens of that many passages
        let vectors = try #require(
            try encoder.encodeDocuments([words(most), words(most + 1)], passages: split, threads: 2))
        #expect(vectors.map(\.passages) == [PassageSplit.mostPassages, PassageSplit.mostPassages])
        #expect(vectors.map(\.isTruncated) == [false, true])
        #expect(vectors[0].terms == vectors[1].terms && vectors[0].weights == vectors[1].weights)
    }

    @Test func aLongTextCanBeCancelledInItsMiddle() throws {
        let encoder = try encoder()
        var asked = 0
        let vectors = try encoder.encodeDocuments(
            [words(900)], passages: PassageSplit(length: 8, stride: 1), threads: 1,
            isCancelled: {
                asked += 1
                return asked == 3
            })
        #expect(vectors == nil && asked == 3)
    }

    @Test func impossiblePassagesAreRefused() throws {
        let encoder = try encoder()
        #expect(try encoder.checked(PassageSplit(length: 48)).stride == 46)
        #expect(try encoder.checked(PassageSplit(length: 3, stride: 3)).stride == 1)
        for length in [49, 2, 0, -1] {
            #expect(throws: EncoderError.passageLength(length, allowed: 3...48)) {
                try encoder.checked(PassageSplit(length: length))
            }
        }
        for stride in [0, -1, 9] {
            #expect(throws: EncoderError.passageStride(stride, allowed: 1...8)) {
                try encoder.encodeDocuments(["cat"], passages: PassageSplit(length: 8, stride: stride), threads: 1)
            }
        }
    }
}
