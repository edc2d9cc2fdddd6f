public import FileStorage

/// Why a model cannot be loaded or cannot answer.
public enum EncoderError: Error, Equatable, Sendable {
    /// A file cannot be read or is not a whole container.
    case storage(StorageError)
    /// What was named as a model's folder is a file.
    case notAFolder(path: String)
    /// The model lacks a file it cannot do without.
    case missingFile(model: String, file: String)
    /// A file of the model is not what its name promises.
    case malformed(path: String, detail: String)
    /// The model asks for something Apus does not know; `kind` is "architecture", "pooling", "activation", …
    case unsupported(path: String, kind: String, name: String, known: [String])
    /// A tensor has another shape or type than the configuration asks for.
    case shape(path: String, name: String, found: String, expected: String)
    /// A tensor holds NaN or infinity.
    case notFinite(path: String, name: String)
    /// A file of `apus model pack` cannot be used.
    case panels(path: String, detail: String)
    /// The tokenizer's text file is wrong.
    case tokenizer(detail: String)
    /// The tokenizer has more tokens than the checkpoint has rows, or far fewer.
    case vocabularySize(model: String, tokenizer: Int, checkpoint: Int)
    /// The model has no such query side.
    case noQuerySide(model: String, side: QuerySide, available: [QuerySide])
    /// The maximum length asked for is impossible with this model.
    case maximumLength(Int, allowed: ClosedRange<Int>)
    /// The model cannot read passages of so many tokens.
    case passageLength(Int, allowed: ClosedRange<Int>)
    /// The start of a passage cannot be so far from the one before.
    case passageStride(Int, allowed: ClosedRange<Int>)
    /// The special tokens around a text take all tokens that the model reads.
    case noRoom(model: String, specialTokens: Int, maximumLength: Int)
    /// `APUS_LEVEL` names an instruction set that this CPU lacks or Apus does not know.
    case kernels(name: String, available: [String])
}

extension EncoderError: CustomStringConvertible {
    /// One line: what happened, where, and what to do.
    public var description: String {
        switch self {
        case .storage(let error):
            error.description
        case .notAFolder(let path):
            "'\(path)' is a file. A model is a folder with config.json, a tokenizer and weights; name the folder."
        case .missingFile(let model, let file):
            "Model '\(model)' has no \(file). Copy the whole Hugging Face folder."
        case .malformed(let path, let detail):
            "'\(path)' is damaged: \(detail). Copy the model again from its source."
        case .unsupported(let path, let kind, let name, let known):
            "'\(path)' asks for the \(kind) '\(name)', which Apus does not know. Known: \(known.joined(separator: ", "))."
        case .shape(let path, let name, let found, let expected):
            "'\(path)': tensor '\(name)' is \(found), config.json asks for \(expected). Are the files of one model?"
        case .notFinite(let path, let name):
            "'\(path)': tensor '\(name)' holds NaN or infinity. The checkpoint is broken; train or copy it again."
        case .panels(let path, let detail):
            "'\(path)' cannot be used: \(detail). Run 'apus model pack' again, or delete it."
        case .tokenizer(let detail):
            detail
        case .vocabularySize(let model, let tokenizer, let checkpoint):
            "Model '\(model)': the tokenizer has \(tokenizer) tokens but the checkpoint \(checkpoint) rows. "
                + "Use the tokenizer the model was trained with."
        case .noQuerySide(let model, let side, let available):
            "Model '\(model)' has no \(side.rawValue) query side. It has: "
                + available.map(\.rawValue).joined(separator: ", ") + "."
        case .maximumLength(let length, let allowed):
            "A maximum length of \(length) tokens is not possible with this model. "
                + "Choose \(allowed.lowerBound) to \(allowed.upperBound)."
        case .passageLength(let length, let allowed):
            "Passages of \(length) tokens are not possible with this model. "
                + "Choose \(allowed.lowerBound) to \(allowed.upperBound)."
        case .passageStride(let stride, let allowed):
            "A stride of \(stride) tokens is not possible with these passages. "
                + "Choose \(allowed.lowerBound) to \(allowed.upperBound)."
        case .noRoom(let model, let specialTokens, let maximumLength):
            "Model '\(model)' reads \(maximumLength) tokens, and its tokenizer puts \(specialTokens) special ones around "
                + "a text, which leaves none. Choose a larger maximum length, or check max_position_embeddings."
        case .kernels(let name, let available):
            "APUS_LEVEL is '\(name)'. This CPU can run: \(available.joined(separator: ", "))."
        }
    }
}
