import Apus
package import LearnedEncoder

/// What was understood of a model, and how its vectors compare, a row for each.
package enum ModelTable {
    /// What was understood.
    /// - Throws: `EncodingError`.
    package static func text(_ found: ModelInspection) throws -> String {
        var table = TextTable(["model", found.model.name])
        table.add(["architecture", found.model.architecture])
        table.add(["layers", "\(found.model.layers)"])
        table.add(["hidden units", Format.count(found.model.hiddenSize)])
        table.add(["attention", found.attention])
        table.add(["head", found.head])
        table.add(["pooling", found.model.pooling.rawValue])
        table.add(["activation", found.model.activation])
        table.add(["special tokens", found.model.specialTokenPolicy])
        table.add(["around a text", (found.prefix + ["…"] + found.suffix).joined(separator: " ")])
        for (side, prompt) in [("document", found.prompts.document), ("query", found.prompts.query)]
        where !prompt.isEmpty {
            table.add(["\(side) prompt", try AnswerJSON.text(prompt, pretty: false)])
        }
        table.add(["maximum length", "\(Format.count(found.model.maximumLength)) tokens"])
        table.add(["tokenizer", "\(found.tokenizer), \(Format.count(found.tokens)) tokens"])
        table.add(["terms", Format.count(found.model.vocabularySize)])
        table.add(["vocabulary hash", found.vocabularyHash])
        table.add(["weights", found.model.identity])
        table.add(["query sides", found.model.querySides.map(\.rawValue).joined(separator: ", ")])
        table.add(["licence", found.licence ?? "not stated"])
        table.add(["precision", "\(found.model.precision.rawValue), \(found.model.kernels) kernels"])
        table.add(["not understood", found.notUnderstood.isEmpty ? "nothing" : "\(found.notUnderstood.count) things"])
        for name in found.notUnderstood { table.add(["", name]) }
        return table.text
    }

    /// How far its vectors are from stored ones.
    package static func text(_ result: ReferenceComparison, _ model: String) -> String {
        var table = TextTable(["model", model])
        table.add(["texts", Format.count(result.texts)])
        table.add([
            "largest difference", "\(Format.decimals(result.maximumDifference, 6)) (line \(result.worstLine))",
        ])
        table.add(["smallest cosine", Format.decimals(result.minimumCosine, 6)])
        table.add(["mean cosine", Format.decimals(result.meanCosine, 6)])
        table.add(["overlap of the 64 best terms", Format.decimals(result.meanOverlap, 4)])
        table.add(["terms the model does not have", Format.count(result.unknownTerms)])
        return table.text
    }
}
