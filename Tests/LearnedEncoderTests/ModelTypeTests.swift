import Foundation
import Testing

@testable import LearnedEncoder

/// `config.json` without a known class goes by its `model_type`, as AutoModelForMaskedLM of transformers does
/// (models/auto/modeling_auto.py).
@Suite struct ModelTypeTests {
    private static func edited(_ name: String, _ changes: [String: Any?]) throws -> BadModelTests.Copy {
        let copy = try BadModelTests.Copy(of: name)
        try copy.edit("config.json", changes)
        return copy
    }

    @Test(arguments: [
        ("bert-max", "BertForPreTraining"), ("bert-max", "BertModel"), ("bert-max", "BertForSequenceClassification"),
        ("distilbert-max", "DistilBertModel"), ("families/roberta-bf16", "RobertaForSequenceClassification"),
        ("families/xlm-roberta", "XLMRobertaModel"), ("families/modernbert", "ModernBertModel"),
        ("families/gte", "GteModel"), ("families/gte-new-ntk", "NewForTokenClassification"),
        ("families/qwen3", "Qwen3Model"),
    ])
    func theModelTypeDecidesWhereNoKnownClassStands(name: String, other: String) throws {
        let plain = try SparseEncoder(ModelFiles(folder: Fixture.folder(name)))
        let expected = try plain.encodeDocuments(["a cat sat"], threads: 1)
        for value in [nil, NSNull(), [String](), [other]] as [Any?] {
            let copy = try Self.edited(name, ["architectures": value])
            let found = try SparseEncoder(ModelFiles(folder: copy.folder))
            #expect(try found.encodeDocuments(["a cat sat"], threads: 1) == expected, "\(String(describing: value))")
            #expect(
                found.description
                    == {
                        var d = plain.description; d.name = found.description.name; return d
                    }())
        }
    }

    @Test(
        arguments: [
            (["architectures": nil, "model_type": nil], "no 'architectures'"),
            (["architectures": nil, "model_type": "t5"], "model_type 't5'"),
            (["architectures": ["RobertaForMaskedLM"]], "its model_type is 'bert'"),
            (["architectures": ["BertGenerationEncoder"]], "BertGenerationEncoder"),
            (["architectures": "BertForMaskedLM"], "'architectures' must be a list"),
            (["architectures": [1]], "'architectures' must be a list"),
            (["is_decoder": true], "is_decoder"), (["add_cross_attention": true], "add_cross_attention"),
        ] as [([String: (any Sendable)?], String)])
    func whatIsMissingOrContradictsIsSaid(changes: [String: (any Sendable)?], says: String) throws {
        let copy = try Self.edited("bert-max", changes.mapValues { $0 as Any? })
        let message = copy.message() ?? "it loaded"
        #expect(message.contains(says) && message.contains("config.json") && !message.contains("\n"), "\(message)")
    }

    @Test func aClassWithoutAHeadNeedsOneInTheWeights() throws {
        let copy = try Self.edited("families/unicoil", ["architectures": ["BertForPreTraining"]])
        #expect(
            copy.message()?.contains("no tensor named 'cls.predictions") == true, "\(copy.message() ?? "it loaded")")
        let bare = try Self.edited("families/unicoil", ["architectures": ["BertModel"]])
        #expect(bare.message()?.contains("BertModel has no masked-language-model head") == true)
    }
}
