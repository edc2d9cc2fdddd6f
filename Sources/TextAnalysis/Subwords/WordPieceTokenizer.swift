/// BERT's tokenizer: words, cut into the longest pieces that the vocabulary has.
///
/// Gives the ids of the Hugging Face `tokenizers` library for the same `tokenizer.json`. The method is that of Schuster
/// and Nakajima, "Japanese and Korean voice search", ICASSP 2012, as used by Devlin et al., "BERT", 2019
/// ([arXiv:1810.04805](https://arxiv.org/abs/1810.04805)).
public struct WordPieceTokenizer: Tokenizer {
    /// `WordPiece`
    public let kind = "WordPiece"
    let pieces: WordPieceVocabulary
    let normalizer: BERTNormalizer
    let splitter: WordPieceSplitter
    let addedTokens: [AddedToken]
    let idsByToken: ByteTable
    /// What the files beside the vocabulary changed.
    public var applied = AppliedTokenizerSettings()
    /// The ids put before a text.
    public let prefixIDs: [Int32]
    /// The ids put after a text.
    public let suffixIDs: [Int32]

    /// The id put before a text, `[CLS]`.
    public let classID: Int32
    /// The id put after a text, `[SEP]`.
    public let separatorID: Int32
    /// The id of a word that no pieces make up, `[UNK]`.
    public let unknownID: Int32
    /// The id that fills up a batch, `[PAD]`; nil when the vocabulary has none.
    public let paddingID: Int32?
    /// The id of the masked token, `[MASK]`; nil when the vocabulary has none.
    public let maskID: Int32?
    /// The ids of all special tokens.
    public let specialIDs: Set<Int32>

    /// The tokens by id.
    public var vocabulary: [String] { pieces.tokens }

    /// The id of exactly this token, such as `##ing`.
    public func id(of token: String) -> Int32? { idsByToken.id(token.utf8) }

    /// Whether it is ``unknownID``.
    public func isUnknown(_ id: Int32) -> Bool { id == unknownID }

    /// Cuts `text` into tokens, see ``Tokenizer/encode(_:maximumLength:addingSpecialTokens:)``.
    public func encode(_ text: String, maximumLength: Int?, addingSpecialTokens: Bool) -> TokenEncoding {
        var ids: [Int32] = []
        ids.reserveCapacity(text.utf8.count / 4 + 4)
        var copy = text
        copy.withUTF8 { unsafe appendIDs(of: $0, to: &ids) }
        return finish(ids, maximumLength: maximumLength, addingSpecialTokens: addingSpecialTokens)
    }

    /// Cuts the text at the added tokens in it, and what is between them into pieces.
    private func appendIDs(of text: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
        var start = 0
        var match = unsafe AddedToken.next(addedTokens, in: text, from: 0, notBefore: 0)
        while let found = match {
            unsafe splitter.split(
                UnsafeBufferPointer(rebasing: text[start..<found.range.lowerBound]), pieces, into: &ids)
            ids.append(found.id)
            start = found.range.upperBound
            match = unsafe AddedToken.next(addedTokens, in: text, from: found.searchEnd, notBefore: start)
        }
        unsafe splitter.split(UnsafeBufferPointer(rebasing: text[start...]), pieces, into: &ids)
    }
}
