import ApusTestSupport
import Foundation
import Testing

@testable import TextAnalysis

/// The fixtures are written by Scripts/oracles/wordpiece-ids.
@Suite struct WordPieceTokenizerTests {
    private static let modelPath = TestPaths.model("apus-mini-pilot").map { $0 + "/tokenizer.json" }

    @Test(arguments: ["tiny", "tiny-cased"])
    func idsEqualHuggingFaceOnTinyVocabularies(name: String) throws {
        let tokenizer = try load(OracleFile.path("wordpiece-\(name)-tokenizer.json"))
        try compare(tokenizer, try OracleFile.lines("wordpiece-\(name)-ids.jsonl", orIn: "APUS_NONE"))
    }

    /// With `APUS_WORDPIECE_IDS=file` another file of the same form is compared, such as one of a whole collection.
    @Test(.enabled(if: modelPath != nil, "the shared model is not beside the checkout"))
    func idsEqualHuggingFaceOnBERTsVocabulary() throws {
        let tokenizer = try load(try #require(Self.modelPath))
        try compare(tokenizer, try OracleFile.lines("wordpiece-bert-ids.jsonl", orIn: "APUS_WORDPIECE_IDS"))
    }

    private func load(_ path: String) throws -> WordPieceTokenizer {
        try WordPieceTokenizer.load(tokenizerJSON: [UInt8](try OracleFile.bytes(path)), path: path)
    }

    private func compare(_ tokenizer: WordPieceTokenizer, _ lines: [IDsLine]) throws {
        #expect(lines.count >= 400)
        var different = 0
        for line in lines {
            let found = tokenizer.encode(line.text, maximumLength: nil, addingSpecialTokens: true)
            #expect(!found.isTruncated)
            guard found.ids != line.ids else { continue }
            different += 1
            if different <= 10 {
                let tokens = [found.ids, line.ids].map { $0.compactMap { tokenizer.token(Int($0)) } }
                Issue.record("\(line.text.debugDescription): \(tokens[0]), Hugging Face \(tokens[1])")
            }
        }
        #expect(different == 0, "of \(lines.count) texts")
    }

    /// With `APUS_ALL_CODE_POINTS` each code point, otherwise each at a border and one within a run.
    @Test func codePointsAreTreatedAsHuggingFaceDoes() throws {
        let isExhaustive = ProcessInfo.processInfo.environment["APUS_ALL_CODE_POINTS"] != nil
        var next: UInt32 = 0
        var different = 0
        func check(_ first: UInt32, _ last: UInt32, _ expected: String) {
            let codePoints = isExhaustive ? Array(first...last) : [first, (first + last) / 2, last]
            for scalar in codePoints.compactMap(Unicode.Scalar.init) {
                let found = treatment(of: scalar)
                // ICU may not know the lower case of letters of the newest Unicode.
                if found == expected || BERTNormalizer.age(scalar.value) == 0 { continue }
                different += 1
                if different <= 40 {
                    Issue.record("\(String(scalar.value, radix: 16)): \(found), Hugging Face \(expected)")
                }
            }
        }
        for line in try OracleFile.text("wordpiece-code-points.txt").split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 2)
            let first = try #require(UInt32(fields[0], radix: 16))
            let last = try #require(UInt32(fields[1], radix: 16))
            if first > next { check(next, first - 1, "joined") }
            check(first, last, String(fields[2]))
            next = last + 1
        }
        check(next, 0x10FFFF, "joined")
        #expect(different == 0)
    }

    /// What becomes of the code point between two letters, in the words of the fixture.
    private func treatment(of scalar: Unicode.Scalar) -> String {
        let words = WordPieceSplitter(normalizer: BERTNormalizer(), unknownID: 0, maximumCharacters: 100)
            .words(in: "x\(scalar)x")
        let inner = words.joined(separator: " ").unicodeScalars.dropFirst().dropLast()
        switch Array(inner) {
        case []: return "removed"
        case [" "]: return "space"
        case [scalar]: return "joined"
        case [" ", scalar, " "]: return "alone"
        case _ where (0xAC00..<0xD7A4).contains(scalar.value): return "hangul"
        case let other:
            let units = String(String.UnicodeScalarView(other)).utf16.map { unit in
                unit == 0x22 || unit == 0x5C
                    ? "\\" + String(Unicode.Scalar(UInt8(unit)))
                    : unit < 0x7F
                        ? String(Unicode.Scalar(UInt8(unit)))
                        : "\\u" + String(0x10000 + Int(unit), radix: 16).dropFirst()
            }
            return "becomes \"" + units.joined() + "\""
        }
    }

    @Test func truncationCutsTheTextAndKeepsTheSpecialTokens() throws {
        let tokenizer = try load(OracleFile.path("wordpiece-tiny-tokenizer.json"))
        let whole = tokenizer.encode("a b c d e", maximumLength: nil, addingSpecialTokens: true)
        #expect(whole.ids.count == 7)
        #expect(whole.untruncatedCount == 7)
        let fitting = tokenizer.encode("a b c d e", maximumLength: 7, addingSpecialTokens: true)
        #expect(fitting == whole)
        let cut = tokenizer.encode("a b c d e", maximumLength: 4, addingSpecialTokens: true)
        #expect(cut.ids == [whole.ids[0], whole.ids[1], whole.ids[2], whole.ids[6]])
        #expect(cut.isTruncated)
        #expect(cut.untruncatedCount == 7)
        let bare = tokenizer.encode("a b c d e", maximumLength: 2, addingSpecialTokens: false)
        #expect(bare.ids == [whole.ids[1], whole.ids[2]])
        #expect(bare.untruncatedCount == 5)
        let none = tokenizer.encode("a", maximumLength: 1, addingSpecialTokens: true)
        #expect(none.ids == [tokenizer.classID, tokenizer.separatorID])
        let empty = tokenizer.encode("", maximumLength: 5, addingSpecialTokens: false)
        #expect(empty.ids.isEmpty && !empty.isTruncated && empty.untruncatedCount == 0)
    }

    @Test func piecesEqualASlowSearch() throws {
        var random = SplitMix64(seed: 5)
        for _ in 0..<50 {
            var vocabulary = ["[UNK]", "[CLS]", "[SEP]"]
            for _ in 0..<40 {
                let piece = randomWord(2, 1...4, &random)
                vocabulary.append(Bool.random(using: &random) ? piece : "##" + piece)
            }
            vocabulary = Array(Set(vocabulary)).sorted()
            let tokenizer = try WordPieceTokenizer(vocabulary: vocabulary, lowercase: true)
            for _ in 0..<50 {
                let word = randomWord(2, 1...12, &random)
                let found = tokenizer.encode(word, maximumLength: nil, addingSpecialTokens: false).ids
                #expect(found == slowPieces(word, vocabulary), "\(word) in \(vocabulary)")
            }
        }
    }

    private func randomWord(_ letters: UInt8, _ lengths: ClosedRange<Int>, _ random: inout SplitMix64) -> String {
        String(
            decoding: (0..<Int.random(in: lengths, using: &random)).map { _ in
                UInt8(ascii: "a") + UInt8.random(in: 0..<letters, using: &random)
            }, as: UTF8.self)
    }

    private func slowPieces(_ word: String, _ vocabulary: [String]) -> [Int32] {
        var rest = Substring(word)
        var ids: [Int32] = []
        while !rest.isEmpty {
            var piece = rest
            let prefix = ids.isEmpty ? "" : "##"
            while !piece.isEmpty, !vocabulary.contains(prefix + piece) { piece.removeLast() }
            guard let id = vocabulary.firstIndex(of: prefix + piece), !piece.isEmpty else {
                return [Int32(vocabulary.firstIndex(of: "[UNK]") ?? -1)]
            }
            ids.append(Int32(id))
            rest = rest.dropFirst(piece.count)
        }
        return ids
    }

    @Test func vocabularyIsReadBothWays() throws {
        let tokenizer = try load(OracleFile.path("wordpiece-tiny-tokenizer.json"))
        for (id, token) in tokenizer.vocabulary.enumerated() {
            #expect(tokenizer.token(id) == token)
            #expect(tokenizer.id(of: token) == Int32(id))
        }
        #expect(tokenizer.token(-1) == nil)
        #expect(tokenizer.token(tokenizer.vocabulary.count) == nil)
        #expect(tokenizer.id(of: "nothing") == nil)
        #expect(tokenizer.specialIDs == [0, 1, 2, 3, 4])
        #expect((tokenizer.paddingID, tokenizer.unknownID, tokenizer.classID, tokenizer.separatorID) == (0, 1, 2, 3))
        #expect(tokenizer.maskID == 4)
    }
}
