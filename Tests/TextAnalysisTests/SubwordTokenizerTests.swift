import ApusTestSupport
import Foundation
import Testing

@testable import TextAnalysis

/// The fixtures are written by Scripts/oracles/subword-ids.
@Suite struct SubwordTokenizerTests {
    static let kinds = ["gpt2", "gpt2-prefix", "llama3", "qwen2", "llama2", "xlmr"]

    @Test(arguments: kinds)
    func idsEqualHuggingFaceOnTinyVocabularies(kind: String) throws {
        try compare(OracleFile.path("subword-\(kind)"))
    }

    /// With `APUS_SUBWORD_IDS=folder` what `subword-ids --collection` wrote.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["APUS_SUBWORD_IDS"] != nil), arguments: kinds)
    func idsEqualHuggingFaceOnACollection(kind: String) throws {
        let folder = try #require(ProcessInfo.processInfo.environment["APUS_SUBWORD_IDS"])
        try compare(folder + "/subword-\(kind)")
    }

    private func compare(_ stem: String) throws {
        let tokenizer = try Self.load(stem + "-tokenizer.json")
        let decoder = JSONDecoder()
        let lines = try OracleFile.bytes(stem + "-ids.jsonl").split(separator: UInt8(ascii: "\n"))
            .map { try decoder.decode(IDsLine.self, from: $0) }
        #expect(lines.count >= 200)
        var different = 0
        // Hugging Face's expressions know newer code points than ICU does.
        for line in lines where line.text.unicodeScalars.allSatisfy({ BERTNormalizer.age($0.value) > 0 }) {
            let found = tokenizer.encode(line.text, maximumLength: nil, addingSpecialTokens: true)
            guard found.ids != line.ids else { continue }
            different += 1
            if different <= 10 {
                let tokens = [found.ids, line.ids].map { $0.compactMap { tokenizer.token(Int($0)) } }
                Issue.record("\(line.text.debugDescription): \(tokens[0]), Hugging Face \(tokens[1])")
            }
        }
        #expect(different == 0, "of \(lines.count) texts")
    }

    private static func load(_ path: String) throws -> any Tokenizer {
        try TokenizerReader.read(tokenizerJSON: [UInt8](try OracleFile.bytes(path)), path: path)
    }

    @Test func theKindIsNamed() throws {
        func kind(_ name: String) throws -> String { try Self.load(OracleFile.path(name + "-tokenizer.json")).kind }
        #expect(try kind("subword-gpt2") == "byte-level BPE")
        #expect(try kind("subword-llama2") == "BPE")
        #expect(try kind("subword-xlmr") == "Unigram")
        #expect(try kind("wordpiece-tiny") == "WordPiece")
    }

    /// Code points that ICU does not know yet are left out.
    @Test func codePointsAreOfTheKindThatTheExpressionsSee() throws {
        var expected = [String](repeating: "other", count: 0x110000)
        for line in try OracleFile.text("subword-code-points.txt").split(separator: "\n") {
            let fields = line.split(separator: " ")
            let first = try #require(Int(fields[0], radix: 16))
            let last = try #require(Int(fields[1], radix: 16))
            for c in first...last { expected[c] = String(fields[2]) }
        }
        var different: [String] = []
        for c in UInt32(0)..<0x110000 where Unicode.Scalar(c) != nil && BERTNormalizer.age(c) > 0 {
            let found = "\(SplitPattern.kind(c))"
            if found != expected[Int(c)] { different.append("\(String(c, radix: 16)) \(found)") }
        }
        #expect(different == [])
    }

    @Test func truncationKeepsTheSpecialTokens() throws {
        let tokenizer = try Self.load(OracleFile.path("subword-xlmr-tokenizer.json"))
        let whole = tokenizer.encode(
            "water boils at a lower temperature", maximumLength: nil, addingSpecialTokens: true)
        let cut = tokenizer.encode("water boils at a lower temperature", maximumLength: 5, addingSpecialTokens: true)
        #expect(cut.ids == Array(whole.ids.prefix(4)) + whole.ids.suffix(1))
        #expect(cut.isTruncated && !whole.isTruncated && cut.untruncatedCount == whole.ids.count)
    }

    @Test func aHundredKilobytesOfOneWordTakesNoHours() throws {
        let word = String(repeating: "antidisestablishment", count: 5_000)
        for kind in ["gpt2", "llama2", "xlmr"] {
            let tokenizer = try Self.load(OracleFile.path("subword-\(kind)-tokenizer.json"))
            let ids = tokenizer.encode(word, maximumLength: 100, addingSpecialTokens: false)
            #expect(ids.ids.count == 100 && ids.isTruncated)
        }
    }

    @Test(arguments: [
        (#""Metaspace""#, #""Whitespace""#, "pre_tokenizer.type", "Whitespace"),
        (#""Precompiled""#, #""Nmt""#, "normalizer.normalizers.type", "Nmt"),
        (#""Unigram""#, #""WordLevel""#, "model.type", "WordLevel"),
        (#"" {2,}""#, #""\\s+""#, "normalizer.normalizers.pattern.Regex", #"'\s+'"#),
        (#""TemplateProcessing""#, #""PairProcessing""#, "post_processor.type", "PairProcessing"),
        (#""prepend_scheme":"always""#, #""prepend_scheme":"often""#, "pre_tokenizer.prepend_scheme", "'often'"),
    ])
    func unknownPartsAreRefusedByName(old: String, new: String, part: String, found: String) throws {
        let path = OracleFile.path("subword-xlmr-tokenizer.json")
        let text = String(decoding: try OracleFile.bytes(path), as: UTF8.self)
        let changed = text.replacingOccurrences(of: old, with: new)
        #expect(changed != text)
        let error = #expect(throws: TokenizerError.self) {
            try TokenizerReader.read(tokenizerJSON: Array(changed.utf8), path: "t.json")
        }
        #expect(error?.description.hasPrefix("'t.json': \(part) is \(found); supported is ") == true, "\(error as Any)")
    }

    @Test func damagedFilesAreRefused() throws {
        for kind in Self.kinds {
            let bytes = [UInt8](try OracleFile.bytes(OracleFile.path("subword-\(kind)-tokenizer.json")))
            for cut in stride(from: 0, to: bytes.count - 1, by: 499) {
                #expect(throws: TokenizerError.self) {
                    try TokenizerReader.read(tokenizerJSON: Array(bytes[..<cut]), path: "cut.json")
                }
            }
        }
        for text in [
            "", "[]", "{}", "null", #"{"model":[]}"#, #"{"model":{"type":"BPE","vocab":{},"merges":[["a","b"]]}}"#,
        ] {
            #expect(throws: TokenizerError.self) {
                try TokenizerReader.read(tokenizerJSON: Array(text.utf8), path: "bad.json")
            }
        }
    }

    /// Whatever one wrong byte makes of a file, reading it or using it ends without a crash.
    @Test(arguments: kinds, 0..<60 as Range<UInt64>)
    func aWrongByteIsNoCrash(kind: String, seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var bytes = [UInt8](try OracleFile.bytes(OracleFile.path("subword-\(kind)-tokenizer.json")))
        for _ in 0...Int(seed % 3) {
            let place = Int.random(in: bytes.indices, using: &random)
            bytes[place] =
                seed % 2 == 0 ? UInt8.random(in: 0...255, using: &random) : [0x39, 0x22, 0x2C][Int(seed % 3)]
        }
        guard let tokenizer = try? TokenizerReader.read(tokenizerJSON: bytes, path: "changed.json") else { return }
        let ids = tokenizer.encode("ab ｗ ﬁ é\u{301} 12345 👩‍👩‍👧 <mask>", maximumLength: nil, addingSpecialTokens: true)
        #expect(ids.ids.allSatisfy { tokenizer.vocabulary.indices.contains(Int($0)) })
    }

    @Test func aDamagedCharsMapIsRefusedOrHarmless() throws {
        let path = OracleFile.path("subword-xlmr-tokenizer.json")
        let file = try #require(
            try JSONSerialization.jsonObject(with: OracleFile.bytes(path)) as? [String: Any])
        let steps = try #require((file["normalizer"] as? [String: Any])?["normalizers"] as? [[String: Any]])
        let text = try #require(steps[0]["precompiled_charsmap"] as? String)
        let bytes = [UInt8](try #require(Data(base64Encoded: text)))
        #expect(PrecompiledCharsMap(bytes)?.normalize(Array("ﬁ".utf8)) == Array("fi".utf8))
        var random = SplitMix64(seed: 7)
        for _ in 0..<300 {
            var changed = bytes
            for _ in 0..<8 { changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(in: 0...255) }
            let result = PrecompiledCharsMap(changed)?.normalize(Array("ﬁ ｗide e\u{301} ab\r\n".utf8))
            if let result { #expect(String(validating: result, as: UTF8.self) != nil) }
        }
        for cut in 0..<64 { _ = PrecompiledCharsMap(Array(bytes[..<cut])) }
    }
}
