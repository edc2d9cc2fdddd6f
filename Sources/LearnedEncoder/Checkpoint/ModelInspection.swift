import FileStorage
import Foundation
import TextAnalysis

/// All that was understood of a model folder, and what was not; what `apus model inspect` prints.
public struct ModelInspection: Sendable, Equatable, Codable {
    /// Architecture, sizes, pooling, activation, special-token policy, maximum length, identity, query sides.
    public var model: ModelDescription
    /// How hidden states become weights: MLM, cls-MLM, token weight, binary or sparse autoencoder.
    public var head: String
    /// Causal or bidirectional, with the width of windows.
    public var attention: String
    /// The method of the tokenizer, for example `byte-level BPE`.
    public var tokenizer: String
    /// Tokens of the tokenizer.
    public var tokens: Int
    /// The special tokens put before and after a text.
    public var prefix, suffix: [String]
    /// Size and CRC-32C of the tokens in order of id; equal means the same terms.
    public var vocabularyHash: String
    /// The licence that the model card's front matter states; nil when it states none.
    public var licence: String?
    /// What is put before queries and documents.
    public var prompts: Prompts
    /// Tensors that nothing reads, and settings of the model's files that Apus does not know or, for the reason given, does not
    /// follow.
    public var notUnderstood: [String]
}

extension SparseEncoder {
    /// Reads again what the folder says besides the weights.
    /// - Parameter files: Those that the encoder was loaded from.
    /// - Throws: ``EncoderError``.
    /// - Complexity: O(vocabulary).
    public func inspect(_ files: ModelFiles) throws(EncoderError) -> ModelInspection {
        let tokenizer = documents.tokenizer
        func names(_ ids: [Int32]) -> [String] { ids.map { tokenizer.token(Int($0)) ?? "\($0)" } }
        return ModelInspection(
            model: description, head: documents.configuration.head.kind.name,
            attention: documents.configuration.attentionLabel, tokenizer: tokenizer.kind,
            tokens: tokenizer.vocabulary.count, prefix: names(tokenizer.prefixIDs), suffix: names(tokenizer.suffixIDs),
            vocabularyHash: Self.hash(vocabulary), licence: try Self.licence(files), prompts: prompts,
            notUnderstood: try Self.unknownSettings(files, documents.configuration)
                + documents.configuration.unusedSettings
                + tokenizer.applied.unused.map { "tokenizer_config.json: \($0)" } + Prompts.read(files).unused
                + documents.unusedTensors)
    }

    private static func hash(_ vocabulary: [String]) -> String {
        let checksum = vocabulary.reduce(0 as UInt32) { Checksum.of($1 + "\n", seed: $0) }
        return "\(vocabulary.count)-" + Checksum.digits(checksum)
    }

    /// `license:` between the two `---` lines of README.md.
    private static func licence(_ files: ModelFiles) throws(EncoderError) -> String? {
        guard let card = try files.bytes("README.md") else { return nil }
        let head = unsafe card.withUnsafeBytes { unsafe String(decoding: $0.prefix(65536), as: UTF8.self) }
        let lines = head.split(separator: "\n")
        guard lines.first == "---" else { return nil }
        for line in lines.dropFirst().prefix(while: { $0 != "---" }) where line.hasPrefix("license:") {
            return line.dropFirst(8).trimmingCharacters(in: .whitespaces)
        }
        return nil
    }

    /// Settings that change a vector but are unknown would be worth a look; those known to change none are left out.
    private static func unknownSettings(
        _ files: ModelFiles, _ configuration: ModelConfiguration
    ) throws(EncoderError) -> [String] {
        let json = try JSONFile(files.required(configuration.folder + "config.json"))
        return json.keys.filter { key in
            !knownSettings.contains(key) && !["dropout", "_token_id", "label"].contains { key.contains($0) }
                && !key.hasPrefix("_")
        }.sorted().map { "config.json: \($0)" }
    }

    /// What is read for any family, and what matters to training or to generation only.
    private static let knownSettings = Set(ConfigKeys.all.flatMap(\.names))
}

extension ModelConfiguration {
    /// For example `causal, windows of 4096 in 16 of 32 layers`.
    fileprivate var attentionLabel: String {
        guard let rotary else { return "bidirectional" }
        let isCausal = rotary.layers.allSatisfy { $0.after == 0 }
        let windows = rotary.layers.filter { $0.before != .max }
        let label = isCausal ? "causal" : "bidirectional"
        guard let first = windows.first else { return label }
        let width = isCausal ? first.before + 1 : 2 * first.before + 1
        return label + ", windows of \(width) tokens in \(windows.count) of \(layers) layers"
    }
}

extension TextEncoder {
    /// Tensors of the checkpoint that neither backbone nor head has read.
    fileprivate var unusedTensors: [String] {
        checkpoint.log.unused(of: checkpoint.file.tensors.keys).filter { name in
            !name.hasSuffix(".scale") && !name.hasSuffix(".copies") && !name.hasSuffix("position_ids")
                && name != InferenceFreeTable.tensorName
                && !(configuration.isTied && configuration.modelClass.architecture.head.decoderWeight == name)
        }.map { "tensor: \($0)" }
    }
}
