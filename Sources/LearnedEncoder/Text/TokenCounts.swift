import TextAnalysis

/// How much of a text an encoder reads, in tokens of the text's own: without special tokens and prompts.
public struct TokenCounts: Sendable, Equatable {
    /// Tokens that the text has.
    public var tokens: Int
    /// How many of them the encoder reads.
    public var read: Int
    /// How many stand for text that the vocabulary cannot spell.
    public var unknown: Int

    /// As given.
    public init(tokens: Int = 0, read: Int = 0, unknown: Int = 0) {
        self.tokens = tokens
        self.read = read
        self.unknown = unknown
    }
}

extension SparseEncoder {
    /// Counts a document's tokens without encoding it.
    /// - Complexity: O(bytes of `text`).
    public func countTokens(ofDocument text: String) -> TokenCounts {
        documents.countTokens(text, prompt: prompts.document)
    }

    /// Counts a query's tokens; those of a table's query side are all read.
    /// - Complexity: O(bytes of `text`).
    public func countTokens(ofQuery text: String) -> TokenCounts {
        guard let queries else {
            var counts = documents.countTokens(text, prompt: prompts.query)
            counts.read = counts.tokens
            return counts
        }
        return queries.countTokens(text, prompt: prompts.query)
    }
}

extension TextEncoder {
    fileprivate func countTokens(_ text: String, prompt: String) -> TokenCounts {
        func ids(_ text: String) -> [Int32] {
            tokenizer.encode(text, maximumLength: nil, addingSpecialTokens: false).ids
        }
        let all = ids(prompt + text)
        let ofPrompt = prompt.isEmpty ? 0 : ids(prompt).count
        return TokenCounts(
            tokens: max(0, all.count - ofPrompt),
            read: max(0, min(all.count, transformer.frame.room(configuration.maximumLength)) - ofPrompt),
            unknown: all.count(where: tokenizer.isUnknown))
    }
}
