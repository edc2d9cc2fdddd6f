import ApusTestSupport
import Foundation
import Testing
import TextAnalysis

@testable import LearnedEncoder

/// Architectures and heads beyond BERT. Fixtures: Scripts/oracles/encoder-families.
@Suite struct FamilyTests {
    static let families = [
        "roberta-bf16", "xlm-roberta", "bge-m3", "modernbert", "modernbert-old", "gte", "gte-new-ntk", "unicoil",
        "deepimpact-sum", "mlp", "cls-mlm", "mlm-no-specials", "binary", "llama", "mistral-window", "qwen2-tied",
        "qwen3", "mistral-echo", "llama-bidirectional", "csr-mean", "csr-cls-normalize",
    ]

    private static func load(_ name: String, precision: Precision = .f32) throws -> SparseEncoder {
        try SparseEncoder(
            ModelFiles(folder: Fixture.folder("families/" + name)), maximumLength: 48, precision: precision)
    }

    @Test(arguments: families)
    func vectorsAndIdsEqualThoseOfTransformers(name: String) throws {
        let encoder = try Self.load(name)
        let expected = try Fixture.expected("families/" + name + "/expected.json")
        let found = try encoder.encodeDocuments(expected.map(\.text), threads: 2)
        // A ReLU may leave a text without terms, but an empty fixture would test nothing.
        #expect(expected.count { !$0.terms.isEmpty } * 2 > expected.count)
        var largest: Float = 0
        for (row, vector) in zip(expected, found) {
            let ids = encoder.documents.transformer.frame.encode(
                row.text, encoder.documents.tokenizer, maximumLength: 48)
            #expect(ids.ids == row.ids, "\(row.text)")
            #expect(vector.isTruncated == (row.length > 48), "\(row.text)")
            // Sums over positions are larger than a weight, so their tolerance is relative.
            let scale = max(1, row.weights.max() ?? 0)
            let difference = Fixture.difference((vector.terms, vector.weights), (row.terms, row.weights)) / scale
            #expect(difference <= 1e-4, "\(row.text)")
            largest = max(largest, difference)
        }
        if ProcessInfo.processInfo.environment["APUS_PRINT"] != nil { print("largest difference", name, largest) }
    }

    /// Rotary layers take the same int8 products as BERT's.
    @Test(arguments: ["roberta-bf16", "modernbert", "gte", "llama", "qwen3"])
    func int8KeepsTheDirection(name: String) throws {
        let exact = try Self.load(name)
        let fast = try Self.load(name, precision: .int8)
        let texts = try Fixture.expected("families/" + name + "/expected.json").map(\.text)
        let cosines = zip(
            try exact.encodeDocuments(texts, threads: 1), try fast.encodeDocuments(texts, threads: 1)
        ).map { Fixture.cosine(($0.terms, $0.weights), ($1.terms, $1.weights)) }
        #expect((cosines.min() ?? 0) > 0.98)
    }

    @Test(arguments: families)
    func batchesDoNotChangeAVector(name: String) throws {
        let encoder = try Self.load(name)
        let texts = try Fixture.expected("families/" + name + "/expected.json").prefix(7).map(\.text) + ["", "x"]
        let alone = try texts.map { try encoder.encodeDocuments([$0], threads: 1)[0] }
        #expect(try encoder.encodeDocuments(texts, threads: 2) == alone)
        #expect(alone[7] == SparseVector())
    }

    @Test func latentDimensionsAreNamedByNumber() throws {
        let encoder = try Self.load("csr-mean")
        #expect(encoder.vocabulary == (0..<96).map { "\($0)" })
        #expect(encoder.typedTerms("water").isEmpty)
        #expect(encoder.description.vocabularySize == 96)
    }

    @Test func decodersReadWhatIsStatedUpTo512Tokens() throws {
        let folder = Fixture.folder("families/llama")
        #expect(try SparseEncoder(ModelFiles(folder: folder)).description.maximumLength == 48)
        #expect(throws: EncoderError.maximumLength(300, allowed: 3...256)) {
            try SparseEncoder(ModelFiles(folder: folder), maximumLength: 300)
        }
    }

    /// A copy of a fixture with a text of one file replaced.
    private static func changed(_ name: String, _ file: String, _ old: String, _ new: String) throws -> String {
        let folder = try TestPaths.temporaryDirectory() + "/model"
        try FileManager.default.copyItem(atPath: Fixture.folder("families/" + name), toPath: folder)
        let url = URL(fileURLWithPath: folder + "/" + file)
        let text = try String(contentsOf: url, encoding: .utf8)
        #expect(text.contains(old))
        try text.replacingOccurrences(of: old, with: new).write(to: url, atomically: true, encoding: .utf8)
        return folder
    }

    @Test(arguments: [
        ("mlp", "apus.json", "\"mlp\"", "\"colbert\"", "head 'colbert'"),
        ("mlp", "apus.json", "\"sum\"", "\"mean\"", "pooling 'mean'"),
        ("mlp", "apus.json", "\"pooling\"", "\"poling\"", "setting 'poling'"),
        ("mlp", "apus.json", "[\"linear\"]", "[\"nowhere\"]", "no tensor named 'nowhere.weight'"),
        ("unicoil", "config.json", "UniCoilEncoder", "OtherEncoder", "architecture 'OtherEncoder'"),
        ("unicoil", "config.json", "UniCoilEncoder", "BertModel", "BertModel has no masked-language-model head"),
        ("llama", "config.json", "\"llama3\"", "\"yarn\"", "rope scaling 'yarn'"),
        ("llama", "config.json", "\"silu\"", "\"swish2\"", "activation 'swish2'"),
        ("qwen3", "config.json", "\"full_attention\"", "\"linear_attention\"", "attention 'linear_attention'"),
        ("llama-bidirectional", "apus.json", "bidirectional", "prefix", "attention 'prefix'"),
        ("csr-mean", "1_Pooling/config.json", "\"mean\"", "\"max\"", "dense pooling 'max'"),
        ("csr-mean", "modules.json", "SparseAutoEncoder", "Dense", "asks for the module"),
        ("gte-new-ntk", "config.json", "\"layer_norm\"", "\"rms_norm\"", "layer norm 'rms_norm'"),
        ("modernbert", "config.json", "\"num_attention_heads\":4", "\"num_attention_heads\":5", "cannot share"),
    ])
    func whatIsUnknownIsRefusedByName(name: String, file: String, old: String, new: String, says: String) throws {
        let folder = try Self.changed(name, file, old, new)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let error = #expect(throws: EncoderError.self) { try SparseEncoder(ModelFiles(folder: folder)) }
        #expect(error?.description.contains(says) == true, "\(error as Any)")
    }

    /// Qwen 3's fixture is stored in several files.
    @Test func aCheckpointInPartsNeedsAllOfThem() throws {
        let index = "model.safetensors.index.json"
        let folder = try Self.changed("qwen3", index, "model-00002-of", "model-00009-of")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let error = #expect(throws: EncoderError.self) { try SparseEncoder(ModelFiles(folder: folder)) }
        #expect(error?.description.contains("has no model-00009-of") == true, "\(error as Any)")
        let outside = try Self.changed("qwen3", index, "model-00002-of", "../model-00002-of")
        defer { try? FileManager.default.removeItem(atPath: outside) }
        #expect(throws: EncoderError.self) { try SparseEncoder(ModelFiles(folder: outside)) }
    }

    @Test(arguments: [
        ("roberta-bf16", "\"pad_token_id\":1", "\"pad_token_id\":1e300"),
        ("roberta-bf16", "\"pad_token_id\":1", "\"pad_token_id\":-7"),
        ("qwen3", "\"head_dim\":16", "\"head_dim\":100000000"),
        ("qwen3", "\"num_key_value_heads\":2", "\"num_key_value_heads\":3"),
        ("llama", "\"num_hidden_layers\":2", "\"num_hidden_layers\":3"),
        ("llama", "\"hidden_size\":32", "\"hidden_size\":16"),
        ("llama", "\"max_position_embeddings\":256", "\"max_position_embeddings\":16000000"),
        ("modernbert", "\"intermediate_size\":48", "\"intermediate_size\":47"),
    ])
    func impossibleSizesAreRefused(name: String, old: String, new: String) throws {
        let folder = try Self.changed(name, "config.json", old, new)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(throws: EncoderError.self) { try SparseEncoder(ModelFiles(folder: folder)) }
    }
}
