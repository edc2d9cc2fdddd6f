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

    /// Tokens of a text's own that have room among `length`.
    func room(_ length: Int) -> Int { max(0, length - overhead) / (separator == nil ? 1 : 2) }

    /// The tokens that the encoder reads when a text has `own`.
    func count(own: Int) -> Int { overhead + own * (separator == nil ? 1 : 2) }

    /// Puts what belongs there around tokens of a text's own, at least one.
    func wrap(_ own: ArraySlice<Int32>) -> [Int32] {
        if let separator { return prefix + own + separator + own + suffix }
        return prefix + own + suffix
    }

    /// The tokens that the encoder reads.
    func encode(_ text: String, _ tokenizer: any Tokenizer, maximumLength: Int) -> TokenEncoding {
        guard separator != nil else {
            return tokenizer.encode(text, maximumLength: maximumLength, addingSpecialTokens: true)
        }
        let own = tokenizer.encode(text, maximumLength: room(maximumLength), addingSpecialTokens: false)
        guard !own.ids.isEmpty else {
            return TokenEncoding(ids: [], isTruncated: own.isTruncated, untruncatedCount: 0)
        }
        return TokenEncoding(
            ids: wrap(own.ids[...]), isTruncated: own.isTruncated, untruncatedCount: count(own: own.untruncatedCount))
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
