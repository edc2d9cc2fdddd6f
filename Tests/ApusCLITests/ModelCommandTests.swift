import ApusTestSupport
import Foundation
import Testing

/// `apus model`, with the fixtures of Scripts/oracles/encoder-families.
@Suite struct ModelCommandTests {
    private static func folder(_ name: String) -> String {
        TestPaths.fixtures + "/LearnedEncoder/" + name
    }

    private struct Inspection: Decodable {
        struct Model: Decodable {
            let architecture: String
            let pooling: String
            let maximumLength: Int
            let querySides: [String]
        }
        let model: Model
        let head: String
        let attention: String
        let tokenizer: String
        let vocabularyHash: String
        let licence: String?
        let notUnderstood: [String]
    }

    private func inspect(_ folder: String) throws -> Inspection {
        let result = try CommandLineTool.run("model", "inspect", folder, "--json")
        #expect(result.code == 0, "\(result.error)")
        return try JSONDecoder().decode(Inspection.self, from: Data(result.output.utf8))
    }

    @Test func inspectSaysWhatWasUnderstood() throws {
        let modern = try inspect(Self.folder("families/modernbert"))
        #expect(modern.model.architecture == "ModernBertForMaskedLM" && modern.model.maximumLength == 48)
        #expect(modern.head == "MLM" && modern.tokenizer == "byte-level BPE" && modern.notUnderstood == [])
        #expect(modern.attention == "bidirectional, windows of 9 tokens in 2 of 3 layers")
        let mistral = try inspect(Self.folder("families/mistral-window"))
        #expect(mistral.attention == "causal, windows of 7 tokens in 2 of 2 layers" && mistral.tokenizer == "BPE")
        let latent = try inspect(Self.folder("families/csr-mean"))
        #expect(latent.head == "sparse autoencoder" && latent.vocabularyHash.hasPrefix("96-"))
        let token = try inspect(Self.folder("families/deepimpact-sum"))
        #expect(token.head == "token weight" && token.model.pooling == "sum" && token.tokenizer == "WordPiece")
        let binary = try inspect(Self.folder("families/binary"))
        #expect(binary.head == "binary" && binary.notUnderstood.contains("tensor: bert.embeddings.LayerNorm.bias"))
        #expect(try inspect("bundled").model.querySides == ["siamese", "inference-free", "blended"])
        let table = try CommandLineTool.run("model", "inspect", Self.folder("bert-max"))
        #expect(table.output.contains("BertForMaskedLM") && table.output.contains("not stated"))
    }

    @Test func inspectReadsTheLicenceAndListsStrangers() throws {
        let directory = try TestPaths.temporaryDirectory() + "/model"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.copyItem(atPath: Self.folder("bert-max"), toPath: directory)
        try Data("---\nlanguage: en\nlicense: apache-2.0\n---\nlicense: other\n".utf8)
            .write(to: URL(fileURLWithPath: directory + "/README.md"))
        let config = URL(fileURLWithPath: directory + "/config.json")
        let text = try String(contentsOf: config, encoding: .utf8)
        try text.replacingOccurrences(of: "\"model_type\"", with: "\"logit_scale\": 7, \"model_type\"")
            .write(to: config, atomically: true, encoding: .utf8)
        let found = try inspect(directory)
        #expect(found.licence == "apache-2.0" && found.notUnderstood == ["config.json: logit_scale"])
    }

    @Test func inspectRefusesStrangersByName() throws {
        let result = try CommandLineTool.run("model", "inspect", "/nowhere")
        #expect(result.code == 1 && result.error.contains("/nowhere") && !result.error.contains("Fatal"))
        #expect(try CommandLineTool.run("model", "inspect", "none").code == 2)
    }

    @Test(arguments: ["f32", "bf16", "int8"])
    func aPackedModelEncodesAsBefore(precision: String) throws {
        let directory = try TestPaths.temporaryDirectory() + "/model"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.copyItem(atPath: Self.folder("bert-max"), toPath: directory)
        func vector() throws -> String {
            try CommandLineTool.run("encode", "a cat on a mat", "--model", directory, "--precision", precision).output
        }
        let before = try vector()
        let packed = try CommandLineTool.run("model", "pack", directory, "--precision", precision)
        #expect(packed.code == 0 && packed.output.contains("/apus.\(precision)"), "\(packed.error)")
        #expect(try vector() == before && before.contains("\"vector\": {\""))
        #expect(try CommandLineTool.run("model", "pack", "bundled").code == 2)
        #expect(try CommandLineTool.run("model", "pack", directory, "--precision", "automatic").code == 2)
    }

    private struct Expected: Decodable {
        let text: String
        let terms: [Int]
        let weights: [Double]
    }

    /// The fixture's vectors as JSON lines, one weight changed.
    private static func reference(_ name: String, adding change: Double = 0) throws -> String {
        let data = try Data(contentsOf: URL(fileURLWithPath: folder(name + "/expected.json")))
        return try JSONDecoder().decode([Expected].self, from: data).enumerated().map { index, row in
            var vector: [String: Double] = [:]
            for (term, weight) in zip(row.terms, row.weights) { vector["\(term)"] = weight }
            if index == 2, let term = row.terms.first { vector["\(term)"]? += change }
            let line = try JSONSerialization.data(
                withJSONObject: ["id": "\(index)", "contents": row.text, "vector": vector])
            return String(decoding: line, as: UTF8.self)
        }.joined(separator: "\n")
    }

    private struct Comparison: Decodable {
        let texts: Int
        let maximumDifference: Double
        let minimumCosine: Double
        let meanOverlap: Double
        let unknownTerms: Int
        let worstLine: Int
    }

    @Test func checkPassesOnTheVectorsOfTransformers() throws {
        let input = try Self.reference("families/xlm-roberta")
        let result = try CommandLineTool.run(
            "model", "check", Self.folder("families/xlm-roberta"), "--reference", "-", "--tolerance", "0.0001",
            "--term-ids", "--json", input: input)
        #expect(result.code == 0, "\(result.error)")
        let found = try JSONDecoder().decode(Comparison.self, from: Data(result.output.utf8))
        #expect(found.texts == 20 && found.maximumDifference < 1e-4 && found.minimumCosine > 0.99999)
        #expect(found.unknownTerms == 0 && found.meanOverlap > 0.99)
    }

    @Test func checkFailsBeyondTheTolerance() throws {
        let input = try Self.reference("families/xlm-roberta", adding: 0.5)
        let folder = Self.folder("families/xlm-roberta")
        let result = try CommandLineTool.run("model", "check", folder, "--reference", "-", "--term-ids", input: input)
        #expect(result.code == 1 && result.error.contains("more than the tolerance"))
        #expect(result.output.contains("(line 3)"))
        let tokens = try CommandLineTool.run(
            "model", "check", folder, "--reference", "-",
            input: #"{"id": "1", "contents": "x", "vector": {"no such token": 1}}"#)
        #expect(tokens.code == 1 && tokens.output.contains("terms the model does not have"))
        let empty = try CommandLineTool.run("model", "check", folder, "--reference", "-", input: "")
        #expect(empty.code == 1 && empty.error.contains("holds no vectors"))
        let textless = try CommandLineTool.run(
            "model", "check", folder, "--reference", "-", input: #"{"id": "1", "vector": {"a": 1}}"#)
        #expect(textless.code == 1 && textless.error.contains("contents"))
    }
}
