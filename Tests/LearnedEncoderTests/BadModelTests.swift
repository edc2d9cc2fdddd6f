import ApusTestSupport
import FileStorage
import Foundation
import Testing
import TextAnalysis

@testable import LearnedEncoder

/// A broken model is refused with one line that names the file and what is wrong. Fixtures: Scripts/oracles/encoder-vectors.
@Suite struct BadModelTests {
    /// A copy of a tiny model that a test may damage.
    struct Copy {
        let folder: String

        init(of name: String = "bert-max") throws {
            folder = try TestPaths.temporaryDirectory() + "/" + (name as NSString).lastPathComponent
            try FileManager.default.copyItem(atPath: Fixture.folder(name), toPath: folder)
        }

        func read(_ file: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file)) }

        func write(_ file: String, _ data: Data) throws {
            try data.write(to: URL(fileURLWithPath: folder + "/" + file))
        }

        func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: folder + "/" + file) }

        /// Changes values of a JSON object; nil removes the key.
        func edit(_ file: String, _ changes: [String: Any?]) throws {
            var object = try JSONSerialization.jsonObject(with: read(file)) as? [String: Any] ?? [:]
            for (key, value) in changes { object[key] = value }
            try write(file, JSONSerialization.data(withJSONObject: object))
        }

        /// Writes the weights again with each tensor passed through `change`; nil drops it.
        func rewriteTensors(
            adding more: [(name: String, shape: [Int], values: [Float])] = [],
            _ change: (String, [Int], [UInt8]) -> (type: TensorType, shape: [Int], bytes: [UInt8])?
        ) throws {
            let path = folder + "/model.safetensors"
            let file = try SafetensorsFile(path: path)
            var tensors: [(declaration: SafetensorsWriter.Declaration, name: String, bytes: [UInt8])] = []
            for (name, tensor) in file.tensors.sorted(by: { $0.key < $1.key }) {
                let end = tensor.offset + tensor.count * tensor.type.size
                let bytes = unsafe [UInt8](file.bytes.unsafeBytes[tensor.offset..<end])
                guard let new = change(name, tensor.shape, bytes) else { continue }
                tensors.append((.init(name, new.type, shape: new.shape), name, new.bytes))
            }
            for (name, shape, values) in more {
                let bytes = unsafe values.withUnsafeBytes { unsafe [UInt8]($0) }
                tensors.append((.init(name, .f32, shape: shape), name, bytes))
            }
            // To a new name: the open file is still mapped.
            let writer = try SafetensorsWriter(path: path + ".new", tensors: tensors.map(\.declaration))
            for tensor in tensors { try writer.append(tensor.name, tensor.bytes) }
            try writer.commit()
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.moveItem(atPath: path + ".new", toPath: path)
        }

        /// The one line that loading the model gives, or nil when it loads.
        func message(precision: Precision = .automatic) -> String? {
            do {
                _ = try SparseEncoder(ModelFiles(folder: folder), precision: precision)
                return nil
            } catch { return error.description }
        }
    }

    /// Each message must say these words, and be one line.
    func expect(_ message: String?, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        let text = message ?? "it loaded"
        for word in words { #expect(text.contains(word), sourceLocation: sourceLocation) }
        #expect(!text.contains("\n"), sourceLocation: sourceLocation)
    }

    @Test func anUndamagedCopyLoads() throws {
        #expect(try Copy().message() == nil)
        let copy = try Copy()
        try copy.rewriteTensors { _, shape, bytes in (.f32, shape, bytes) }
        #expect(copy.message() == nil)
    }

    @Test func truncatedWeightsAreRefused() throws {
        let copy = try Copy()
        let whole = try copy.read("model.safetensors")
        for length in [0, 1, 7, 8, 9, 500, whole.count / 2, whole.count - 1] {
            try copy.write("model.safetensors", whole.prefix(length))
            expect(copy.message(), "model.safetensors")
        }
    }

    @Test(arguments: ["config.json", "model.safetensors", "vocab.txt"])
    func aMissingFileIsNamed(file: String) throws {
        let copy = try Copy()
        try copy.remove(file)
        expect(copy.message(), "has no", file, copy.folder)
    }

    @Test func aMissingFolderIsNamed() {
        #expect(throws: EncoderError.storage(.missing(path: "/no/such/model"))) {
            try ModelFiles(folder: "/no/such/model/")
        }
    }

    @Test func aTokenizerOfAnotherModelIsRefused() throws {
        let copy = try Copy()
        let vocabulary = try copy.read("vocab.txt")
        try copy.write("vocab.txt", vocabulary + Data("[new1]\n[new2]\n".utf8))
        expect(copy.message(), "302 tokens", "300 rows")
    }

    @Test func unknownNamesAreRefusedByName() throws {
        let changes: [(String, String, Any, [String])] = [
            (
                "config.json", "architectures", ["T5ForConditionalGeneration"],
                ["architecture", "T5ForConditionalGeneration"]
            ),
            ("config.json", "hidden_act", "swish", ["activation", "swish"]),
            ("config.json", "position_embedding_type", "relative_key", ["position", "relative_key"]),
            ("1_SpladePooling/config.json", "pooling_strategy", "median", ["pooling", "median"]),
            ("1_SpladePooling/config.json", "activation_function", "softplus", ["activation", "softplus"]),
        ]
        for (file, key, value, words) in changes {
            let copy = try Copy(of: "bert-sum-untied")
            try copy.edit(file, [key: value])
            for word in words { expect(copy.message(), word, file) }
        }
    }

    @Test func anUnknownModuleIsRefusedByName() throws {
        let copy = try Copy(of: "bert-sum-untied")
        try copy.write(
            "modules.json", Data(#"[{"type": "sentence_transformers.models.Dense", "path": "2_Dense"}]"#.utf8))
        expect(copy.message(), "sentence_transformers.models.Dense", "modules.json")
    }

    @Test func impossibleDimensionsAreRefused() throws {
        for (key, value) in [
            ("hidden_size", 0 as Any), ("num_attention_heads", 5), ("vocab_size", -1), ("num_hidden_layers", 1.5),
            ("max_position_embeddings", 1e300), ("intermediate_size", "many"),
        ] {
            let copy = try Copy()
            try copy.edit("config.json", [key: value])
            expect(copy.message(), "config.json")
        }
    }

    @Test(arguments: [
        ("num_hidden_layers", 10_000_000, "layers"), ("max_position_embeddings", 1_000_000, "positions"),
        ("norm_eps", -1, "epsilon"),
    ])
    func sizesThatOnlyBuffersWouldShowAreRefused(key: String, value: Int, word: String) throws {
        let copy = try Copy(of: "families/modernbert")
        try copy.edit("config.json", [key: value, "layer_types": nil, "rope_parameters": nil])
        expect(copy.message(), "config.json", word)
    }

    @Test func sizesThatAHeadNeverReadsAllocateNothing() throws {
        let copy = try Copy(of: "families/binary")
        let absurd = 16_777_216
        try copy.edit(
            "config.json", ["hidden_size": absurd, "intermediate_size": absurd, "max_position_embeddings": absurd])
        let encoder = try SparseEncoder(ModelFiles(folder: copy.folder))
        let texts = (0..<100).map { _ in String(repeating: "cat sat ", count: 40) }
        #expect(try encoder.encodeDocuments(texts, threads: 2).allSatisfy { $0.terms.count == 2 })
    }

    @Test func aFrameThatLeavesNoRoomIsRefused() throws {
        let copy = try Copy()
        try copy.edit("tokenizer_config.json", ["model_max_length": 2])
        expect(copy.message(), "reads 2 tokens", "2 special ones")
    }

    @Test func weightsBeyondFloatAreRefused() throws {
        let copy = try Copy()
        try copy.write("idf.json", Data(#"{"cat": 1e300}"#.utf8))
        expect(copy.message(), "idf.json", "'cat'", "too large")
        let binary = try Copy(of: "families/binary")
        try binary.edit("apus.json", ["scale": 1e300])
        expect(binary.message(), "apus.json", "scale")
    }

    /// JSON has no NaN, but Python writes it.
    @Test(arguments: [
        (#"{"cat": NaN}"#, "NaN"), (#"{"cat": -Infinity}"#, "-inf"), (#"{"cat": Infinity}"#, "infinite"),
        (#"{"cat": -0.5}"#, "-0.5"), (#"{"cat": "1"}"#, "'1'"), (#"{"cat": null}"#, "null"),
        (#"{"cat": [1]}"#, "a list"),
        (#"{"cat": true}"#, "true"), (#"{"cat": 1e39}"#, "too large"),
    ])
    func aWeightThatIsNoWeightIsRefused(table: String, found: String) throws {
        let copy = try Copy()
        try copy.write("idf.json", Data(table.utf8))
        expect(copy.message(), "idf.json", "'cat'", found)
    }

    @Test(arguments: [
        ("llama", "rope_theta", 0 as Double), ("llama", "rope_theta", -10000), ("llama", "rope_theta", 1e300),
        ("gte-new-ntk", "rope_theta", 0),
    ])
    func anglesThatAreNoNumbersAreRefused(name: String, key: String, value: Double) throws {
        let copy = try Copy(of: "families/" + name)
        try copy.edit("config.json", [key: value, "rope_parameters": nil])
        expect(copy.message(), "config.json", "theta")
    }

    /// Tokenizers takes two spellings for two tokens, with ids of their own: Hugging Face tokenizers 0.23.3,
    /// WordPiece with a BertNormalizer that strips nothing, gives 5 6 7 8 9 10 11.
    @Test func twoSpellingsOfATokenAreTwoTokens() throws {
        let words = ["caf\u{E9}", "cafe\u{301}", "\u{212A}", "K", "\u{C5}", "A\u{30A}", "\u{212B}"]
        let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words
        let vocab = tokens.enumerated().map { #""\#($1)":\#($0)"# }.joined(separator: ",")
        let json =
            #"{"added_tokens":[],"normalizer":{"type":"BertNormalizer","lowercase":false,"strip_accents":false},"#
            + #""pre_tokenizer":{"type":"BertPreTokenizer"},"post_processor":{"type":"BertProcessing","sep":["[SEP]",3],"#
            + #""cls":["[CLS]",2]},"model":{"type":"WordPiece","unk_token":"[UNK]","vocab":{\#(vocab)}}}"#
        let table = words.enumerated().map { #""\#($1)":\#($0 + 1)"# }.joined(separator: ",")
        for (name, bytes) in [
            ("tokenizer.json", Data(json.utf8)), ("vocab.txt", Data(tokens.joined(separator: "\n").utf8)),
        ] {
            let copy = try Copy()
            try copy.remove("vocab.txt")
            try copy.write(name, bytes)
            try copy.write("tokenizer_config.json", Data(#"{"do_lower_case": false, "strip_accents": false}"#.utf8))
            try copy.edit("config.json", ["vocab_size": 300])
            try copy.write("idf.json", Data("{\(table)}".utf8))
            let encoder = try SparseEncoder(ModelFiles(folder: copy.folder))
            let text = words.joined(separator: " ")
            #expect(
                encoder.documents.tokenizer.encode(text, maximumLength: nil, addingSpecialTokens: false).ids
                    == [5, 6, 7, 8, 9, 10, 11])
            let query = try encoder.encodeQuery(text, side: .inferenceFree)
            #expect(query.terms == [5, 6, 7, 8, 9, 10, 11] && query.weights == [1, 2, 3, 4, 5, 6, 7])
        }
    }

    @Test(arguments: [
        ("config.json", "tie_word_embeddings", #""no""#, "true or false"),
        ("config.json", "layer_norm_eps", #""tiny""#, "a number"),
        ("config.json", "layer_norm_eps", "NaN", "a number"), ("config.json", "hidden_act", "1", "a text"),
        ("config.json", "hidden_size", "true", "16777216, not true"), ("config.json", "vocab_size", "1e30", "1e+30"),
        ("config.json", "num_hidden_layers", "9223372036854775807", "whole number"),
        ("config.json", "is_decoder", "1", "true or false"),
        ("config.json", "max_position_embeddings", "0", "not 0"), ("config.json", "model_type", "[]", "a text"),
        ("tokenizer_config.json", "model_max_length", "0", "at least 1"),
        ("tokenizer_config.json", "model_max_length", "-1", "at least 1"),
        ("tokenizer_config.json", "model_max_length", #""long""#, "at least 1"),
        ("tokenizer_config.json", "model_max_length", "NaN", "at least 1"),
        ("tokenizer_config.json", "do_lower_case", #""yes""#, "true or false"),
        ("tokenizer_config.json", "tokenizer_class", "7", "must be a text"),
        ("tokenizer_config.json", "truncation_side", #""middle""#, "'left' or 'right'"),
        ("tokenizer_config.json", "mask_token", "5", "mask_token"),
        ("tokenizer_config.json", "added_tokens_decoder", "[]", "must be an object"),
        ("sentence_bert_config.json", "max_seq_length", "0", "at least 1"),
        ("sentence_bert_config.json", "do_lower_case", "0", "true or false"),
        ("sentence_bert_config.json", "tokenizer_args", #"{"do_lower_case": false}"#, "tokenizer_args"),
    ])
    func aSettingOfAnotherTypeIsNamed(file: String, key: String, value: String, says: String) throws {
        let copy = try Copy()
        let old = (try? copy.read(file)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        var members = try JSONSerialization.jsonObject(with: Data(old.utf8)) as? [String: Any] ?? [:]
        members[key] = nil
        let rest = String(decoding: try JSONSerialization.data(withJSONObject: members), as: UTF8.self).dropFirst()
        try copy.write(file, Data(("{\"\(key)\": \(value)" + (rest == "}" ? "" : ", ") + rest).utf8))
        expect(copy.message(), file, says)
    }

    @Test func aFileIsNoFolder() throws {
        let file = Fixture.folder("bert-max") + "/config.json"
        #expect(throws: EncoderError.notAFolder(path: file)) { try ModelFiles(folder: file) }
    }

    @Test(arguments: [
        "config.json", "modules.json", "tokenizer.json", "model.safetensors", "1_SpladePooling/config.json",
    ])
    func mutatedFilesNeverCrash(file: String) throws {
        let copy = try Copy(of: "bert-sum-untied")
        let whole = try copy.read(file)
        var random = SplitMix64(seed: 3)
        var refused = 0
        for _ in 0..<40 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                // Of the weights, the header; a changed number in a tensor is still a number.
                bytes[Int.random(in: 0..<min(bytes.count, 5_000), using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            try copy.write(file, bytes)
            if let message = copy.message(precision: .f32) {
                #expect(!message.isEmpty && !message.contains("\n"))
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    @Test(arguments: ["config.json", "idf.json"])
    func damagedJSONIsNamed(file: String) throws {
        let copy = try Copy()
        try copy.write(file, copy.read(file).dropLast(3))
        expect(copy.message(), file)
    }

    @Test func aQuerySideThatTheModelLacksIsRefused() throws {
        let encoder = try SparseEncoder(ModelFiles(folder: Fixture.folder("distilbert-max")))
        #expect(
            throws: EncoderError.noQuerySide(model: "distilbert-max", side: .inferenceFree, available: [.siamese])
        ) { try encoder.encodeQuery("cat", side: .inferenceFree) }
    }

    @Test(arguments: [-1, 0, 2, 65])
    func anImpossibleMaximumLengthIsRefused(length: Int) throws {
        let files = try ModelFiles(folder: Fixture.folder("bert-max"))
        #expect(throws: EncoderError.maximumLength(length, allowed: 3...64)) {
            try SparseEncoder(files, maximumLength: length)
        }
    }
}
