import ApusTestSupport
import Foundation
import Testing

@testable import TextAnalysis

/// A file that would give other ids than the Hugging Face library must be refused, by the name of the part.
@Suite struct TokenizerLoadingTests {
    private let path = OracleFile.path("wordpiece-tiny-tokenizer.json")

    /// The error that the tiny tokenizer gives after a textual change.
    private func error(replacing old: String, by new: String) throws -> TokenizerError? {
        let text = String(decoding: try OracleFile.bytes(path), as: UTF8.self)
        #expect(text.contains(old), "the fixture has no \(old)")
        let changed = text.replacingOccurrences(of: old, with: new)
        do throws(TokenizerError) {
            _ = try WordPieceTokenizer.load(tokenizerJSON: Array(changed.utf8), path: "x.json")
            return nil
        } catch {
            #expect(!error.description.contains("\n"))
            #expect(error.description.contains("x.json"))
            return error
        }
    }

    @Test(arguments: [
        ("\"type\":\"WordPiece\",\"unk_token\"", "\"type\":\"BPE\",\"unk_token\"", "model.type"),
        ("\"type\":\"BertNormalizer\"", "\"type\":\"NFC\"", "normalizer.type"),
        ("\"type\":\"BertPreTokenizer\"", "\"type\":\"Whitespace\"", "pre_tokenizer.type"),
        ("\"type\":\"TemplateProcessing\"", "\"type\":\"RobertaProcessing\"", "post_processor.type"),
        ("\"single_word\":false", "\"single_word\":true", "added token '[PAD]'"),
        ("\"normalized\":false", "\"normalized\":true", "added token '[PAD]'"),
        ("{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},", "", "post_processor.single"),
        ("\"max_input_chars_per_word\":100", "\"max_input_chars_per_word\":0", "model.max_input_chars_per_word"),
    ])
    func unknownPartsAreRefusedByName(old: String, new: String, part: String) throws {
        guard case .unsupported(_, let found, _, _) = try error(replacing: old, by: new) else {
            Issue.record("\(new) was not refused")
            return
        }
        #expect(found == part)
    }

    @Test(arguments: [
        ("\"!\":5", "\"!\":6"), ("\"!\":5", "\"!\":70000"), ("\"!\":5", "\"!\":-1"), ("\"!\":5", "\"!\":\"a\""),
        ("\"!\":5,", ""), ("\"vocab\":{", "\"words\":{"), ("\"model\":{", "\"models\":{"), ("}}", "}"),
        ("\"ids\":[2]", "\"ids\":[99999999999]"), ("\"lowercase\":true", "\"lowercase\":\"yes\""),
        ("\"single_word\":false", "\"single_word\":0"),
    ])
    func damagedFilesAreRefused(old: String, new: String) throws {
        guard case .malformed = try error(replacing: old, by: new) else {
            Issue.record("\(new) was not refused")
            return
        }
    }

    @Test func theScannerReadsTheVocabularyOfTheModelAlone() throws {
        let json = #"{"model": {"type": "WordPiece", "vocab" : { "a\"\\\/\u00e9\ud83d\ude00\n": 0 , "é😀":1}, "x": 2}}"#
        let found = try #require(VocabularyScanner.scan(Array(json.utf8)))
        #expect(found.tokens.map(\.0) == ["a\"\\/é😀\n", "é😀"] && found.tokens.map(\.1) == [0, 1])
        let other = #"{"added": {"vocab": {"x": 7}}, "model": {"vocab": {"y": 0}}}"#
        #expect(VocabularyScanner.scan(Array(other.utf8))?.tokens.map(\.0) == ["y"])
        #expect(
            String(decoding: found.rest, as: UTF8.self) == #"{"model": {"type": "WordPiece", "vocab" : {}, "x": 2}}"#)
        for odd in [
            #"{"model":{"vocab":[1]}}"#, #"{"model":{"vocab":{"a":-1}}}"#, #"{"model":{"vocab":{"\ud800":1}}}"#,
            #"{"model":{"vocab":{"\u+0aa":1}}}"#, #"{"m":{"vocab":{"a":1}}}"#, "{}", "",
        ] {
            #expect(VocabularyScanner.scan(Array(odd.utf8))?.rest == nil, "\(odd)")
        }
    }

    @Test func everyTruncationIsRefused() throws {
        let bytes = [UInt8](try OracleFile.bytes(path))
        for length in 0..<bytes.count {
            #expect(throws: TokenizerError.self) {
                try WordPieceTokenizer.load(tokenizerJSON: Array(bytes[..<length]), path: "x")
            }
        }
    }

    @Test func missingAndDuplicateTokensAreNamed() {
        #expect(throws: TokenizerError.missingToken(path: "v", token: "[SEP]")) {
            try WordPieceTokenizer(vocabulary: ["[UNK]", "[CLS]", "a"], lowercase: true, path: "v")
        }
        #expect(throws: TokenizerError.duplicateToken(path: "v", token: "a", ids: [0, 2])) {
            try WordPieceTokenizer(vocabulary: ["a", "b", "a"], lowercase: true, path: "v")
        }
        #expect(throws: TokenizerError.malformed(path: "v", detail: "it is not UTF-8")) {
            try WordPieceTokenizer.load(vocabularyText: [0x61, 0xFF], tokenizerConfigJSON: nil, path: "v")
        }
    }

    @Test func vocabularyTextGivesTheSameTokenizer() throws {
        for (name, config) in [
            ("tiny", nil), ("tiny-cased", #"{"do_lower_case":false,"mask_token":{"content":"[MASK]"}}"#),
        ] {
            let path = OracleFile.path("wordpiece-\(name)-tokenizer.json")
            let one = try WordPieceTokenizer.load(tokenizerJSON: [UInt8](try OracleFile.bytes(path)), path: path)
            for ending in ["\n", "\r\n"] {
                let text = one.vocabulary.joined(separator: ending) + ending
                let other = try WordPieceTokenizer.load(
                    vocabularyText: Array(text.utf8), tokenizerConfigJSON: config.map { Array($0.utf8) }, path: "v")
                #expect(other.vocabulary == one.vocabulary)
                #expect(other.specialIDs == one.specialIDs)
                let probe = "The Foxes [SEP] É running"
                let found = other.encode(probe, maximumLength: 9, addingSpecialTokens: true)
                #expect(found == one.encode(probe, maximumLength: 9, addingSpecialTokens: true))
            }
        }
    }

    @Test func bertProcessingIsATemplate() throws {
        var text = String(decoding: try OracleFile.bytes(path), as: UTF8.self)
        let start = try #require(text.range(of: "\"post_processor\":{"))
        let end = try #require(text.range(of: "\"decoder\""))
        text.replaceSubrange(
            start.lowerBound..<end.lowerBound,
            with: #""post_processor":{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]},"#)
        let tokenizer = try WordPieceTokenizer.load(tokenizerJSON: Array(text.utf8), path: "x")
        #expect(tokenizer.encode("", maximumLength: nil, addingSpecialTokens: true).ids == [2, 3])
    }
}
