/// A tokenizer put together from normalisers, pre-tokenizers and one subword model, as a `tokenizer.json` describes it.
///
/// Gives the ids of the Hugging Face `tokenizers` library for the same file. WordPiece has its own ``WordPieceTokenizer``.
public struct SubwordTokenizer: Tokenizer {
    enum Model: Sendable {
        case bpe(BPEModel)
        case unigram(UnigramModel)
    }

    let model: Model
    let normalizers: [TextNormalizer]
    let preTokenizers: [PreTokenizer]
    /// Found in the text as typed.
    let rawAddedTokens: AddedTokenFinder
    /// Found in the normalised text.
    let normalizedAddedTokens: AddedTokenFinder
    /// The tokens by id.
    public let vocabulary: [String]
    /// The ids of all special tokens.
    public let specialIDs: Set<Int32>
    /// The ids put before a text.
    public let prefixIDs: [Int32]
    /// The ids put after a text.
    public let suffixIDs: [Int32]

    /// What the files beside the tokenizer changed.
    public var applied = AppliedTokenizerSettings()

    /// `byte-level BPE`, `BPE` or `Unigram`.
    public var kind: String {
        switch model {
        case .bpe(let model): model.isByteLevel ? "byte-level BPE" : "BPE"
        case .unigram: "Unigram"
        }
    }

    /// Whether it is the model's unknown token; byte-level models have none.
    public func isUnknown(_ id: Int32) -> Bool {
        switch model {
        case .bpe(let model): id == model.unknownID
        case .unigram(let model): id == model.unknownID
        }
    }

    /// Cuts `text` into tokens, see ``Tokenizer/encode(_:maximumLength:addingSpecialTokens:)``.
    public func encode(_ text: String, maximumLength: Int?, addingSpecialTokens: Bool) -> TokenEncoding {
        var ids: [Int32] = []
        ids.reserveCapacity(text.utf8.count / 3 + 4)
        rawAddedTokens.cut(Array(text.utf8)) { part, start, id in
            if let id { return ids.append(id) }
            let normalized = normalizers.reduce(Array(part)) { $1.apply($0) }
            normalizedAddedTokens.cut(normalized) { part, innerStart, id in
                if let id { return ids.append(id) }
                appendIDs(Array(part), isAtStart: start == 0 && innerStart == 0, to: &ids)
            }
        }
        return finish(ids, maximumLength: maximumLength, addingSpecialTokens: addingSpecialTokens)
    }

    private func appendIDs(_ text: [UInt8], isAtStart: Bool, to ids: inout [Int32]) {
        var words = PreTokenizer.Words(text)
        for step in preTokenizers { step.apply(&words, isAtStart: isAtStart) }
        unsafe words.bytes.withUnsafeBufferPointer { bytes in
            for range in words.ranges where !range.isEmpty {
                switch model {
                case .bpe(let model): unsafe model.append(bytes, range, to: &ids)
                case .unigram(let model): unsafe model.append(bytes, range, to: &ids)
                }
            }
        }
    }
}
