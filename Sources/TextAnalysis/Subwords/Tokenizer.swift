/// The token ids of one text.
public struct TokenEncoding: Sendable, Equatable {
    /// The ids, special tokens included when they were asked for.
    public var ids: [Int32]
    /// Whether a part of the text had no room.
    public var isTruncated: Bool
    /// How many ids there would be without truncation, special tokens included when they were asked for.
    public var untruncatedCount: Int

    /// As given.
    public init(ids: [Int32], isTruncated: Bool, untruncatedCount: Int) {
        self.ids = ids
        self.isTruncated = isTruncated
        self.untruncatedCount = untruncatedCount
    }
}

/// Cuts texts into the tokens of a model's vocabulary, as the Hugging Face `tokenizers` library does.
public protocol Tokenizer: Sendable {
    /// The method, for people: `WordPiece`, `byte-level BPE`, `BPE` or `Unigram`.
    var kind: String { get }
    /// The tokens by id.
    var vocabulary: [String] { get }
    /// The ids of all special tokens.
    var specialIDs: Set<Int32> { get }
    /// The ids put before a text.
    var prefixIDs: [Int32] { get }
    /// The ids put after a text.
    var suffixIDs: [Int32] { get }
    /// Whether an id stands for text that the vocabulary cannot spell.
    func isUnknown(_ id: Int32) -> Bool

    /// What the files beside the tokenizer changed in it.
    var applied: AppliedTokenizerSettings { get set }

    /// Cuts `text` into tokens.
    ///
    /// - Parameters:
    ///   - maximumLength: The most ids, special tokens included; text that has no room is cut off at the end, or where the
    ///     model's settings say so at the start.
    ///     Nil keeps all. Special tokens are never cut.
    ///   - addingSpecialTokens: Whether ``prefixIDs`` and ``suffixIDs`` are put around the text.
    /// - Complexity: O(bytes of `text`), with a logarithm of the longest word for BPE.
    func encode(_ text: String, maximumLength: Int?, addingSpecialTokens: Bool) -> TokenEncoding
}

extension Tokenizer {
    /// The token with `id`, nil beyond the vocabulary.
    public func token(_ id: Int) -> String? { vocabulary.indices.contains(id) ? vocabulary[id] : nil }

    /// Puts the special tokens around the ids of a text and cuts what has no room.
    func finish(_ ids: [Int32], maximumLength: Int?, addingSpecialTokens: Bool) -> TokenEncoding {
        let (prefix, suffix) = addingSpecialTokens ? (prefixIDs, suffixIDs) : ([], [])
        let specials = prefix.count + suffix.count
        let room = maximumLength.map { max(0, $0 - specials) } ?? ids.count
        return TokenEncoding(
            ids: prefix + (applied.truncatesLeft ? ids.suffix(room) : ids.prefix(room)) + suffix,
            isTruncated: ids.count > room,
            untruncatedCount: ids.count + specials)
    }
}
