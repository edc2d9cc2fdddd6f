import TextAnalysis

/// What stands around a text when the encoder reads it, and where the text's own tokens are.
///
/// An echoed text is read twice, so that in a decoder each token of the second copy sees the whole text; only that copy is
/// pooled. Source: Doshi et al., "Mistral-SPLADE", 2024 ([arXiv:2408.11119](https://arxiv.org/abs/2408.11119)).
struct TextFrame: Sendable {
    let prefix: [Int32]
    let suffix: [Int32]
    /// The tokens between the two copies; nil reads the text once.
    let separator: [Int32]?
    let specialIDs: Set<Int32>

    init(_ tokenizer: any Tokenizer, echoSeparator: String?) {
        prefix = tokenizer.prefixIDs
        suffix = tokenizer.suffixIDs
        specialIDs = tokenizer.specialIDs
        separator = echoSeparator.map {
            tokenizer.encode($0, maximumLength: nil, addingSpecialTokens: false).ids
        }
    }

    /// Tokens that are not the text's own.
    var overhead: Int { prefix.count + suffix.count + (separator?.count ?? 0) }

    /// The tokens that the encoder reads.
    func encode(_ text: String, _ tokenizer: any Tokenizer, maximumLength: Int) -> TokenEncoding {
        guard let separator else {
            return tokenizer.encode(text, maximumLength: maximumLength, addingSpecialTokens: true)
        }
        let room = max(0, (maximumLength - overhead) / 2)
        let own = tokenizer.encode(text, maximumLength: room, addingSpecialTokens: false)
        guard !own.ids.isEmpty else {
            return TokenEncoding(ids: [], isTruncated: own.isTruncated, untruncatedCount: 0)
        }
        return TokenEncoding(
            ids: prefix + own.ids + separator + own.ids + suffix, isTruncated: own.isTruncated,
            untruncatedCount: overhead + 2 * own.untruncatedCount)
    }

    /// The pooled positions of `count` tokens.
    func pooled(_ count: Int, keepsSpecials: Bool) -> Range<Int> {
        if separator != nil {
            let own = max(0, count - overhead) / 2
            return count - suffix.count - own..<count - suffix.count
        }
        if keepsSpecials { return 0..<count }
        let first = min(prefix.count, count)
        return first..<max(first, count - suffix.count)
    }
}
