extension WordPieceTokenizer {
    /// A tokenizer over `vocabulary`, the tokens by id.
    ///
    /// - Parameters:
    ///   - stripAccents: Nil strips accents exactly when letters are made lower-case.
    ///   - specialTokens: The special tokens of the vocabulary, which are also found in a text as typed.
    ///   - path: Where the vocabulary came from, for messages.
    /// - Throws: ``TokenizerError/missingToken(path:token:)`` without `[UNK]`, `[CLS]` or `[SEP]`,
    ///   ``TokenizerError/duplicateToken(path:token:ids:)`` when a token stands twice.
    public init(
        vocabulary: [String], lowercase: Bool, stripAccents: Bool? = nil, handleChineseCharacters: Bool = true,
        specialTokens: [String] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], path: String = "vocabulary"
    ) throws(TokenizerError) {
        var settings = Settings(vocabulary: vocabulary, path: path)
        settings.normalizer.lowercases = lowercase
        settings.normalizer.stripsAccents = stripAccents ?? lowercase
        settings.normalizer.handlesChineseCharacters = handleChineseCharacters
        let ids = try settings.idsByToken()
        for token in specialTokens {
            guard let id = ids.id(token.utf8) else { continue }
            settings.addedTokens.append(
                AddedToken(id: id, content: Array(token.utf8), stripsLeft: false, stripsRight: false))
            settings.specialIDs.insert(id)
        }
        try self.init(settings, ids: ids)
    }

    /// All that a file says about a tokenizer.
    struct Settings {
        var vocabulary: [String]
        var path: String
        var normalizer = BERTNormalizer()
        var continuingPrefix = "##"
        var maximumCharacters = 100
        var unknownToken = "[UNK]"
        var classToken = "[CLS]"
        var separatorToken = "[SEP]"
        var paddingToken = "[PAD]"
        var maskToken = "[MASK]"
        var addedTokens: [AddedToken] = []
        var specialIDs: Set<Int32> = []
        /// The template around a text; nil is one class token before and one separator after.
        var template: (prefix: [Int32], suffix: [Int32])?

        init(vocabulary: [String], path: String) {
            self.vocabulary = vocabulary
            self.path = path
        }

        func idsByToken() throws(TokenizerError) -> ByteTable {
            var ids = ByteTable(count: vocabulary.count)
            for (id, token) in vocabulary.enumerated() {
                if let other = ids.insert(token.utf8, id: Int32(id)) {
                    throw .duplicateToken(path: path, token: token, ids: [Int(other), id])
                }
            }
            return ids
        }
    }

    init(_ settings: Settings, ids: ByteTable) throws(TokenizerError) {
        func required(_ token: String) throws(TokenizerError) -> Int32 {
            guard let id = ids.id(token.utf8) else { throw .missingToken(path: settings.path, token: token) }
            return id
        }
        pieces = WordPieceVocabulary(settings.vocabulary, continuingPrefix: settings.continuingPrefix)
        normalizer = settings.normalizer
        unknownID = try required(settings.unknownToken)
        classID = try required(settings.classToken)
        separatorID = try required(settings.separatorToken)
        paddingID = ids.id(settings.paddingToken.utf8)
        maskID = ids.id(settings.maskToken.utf8)
        prefixIDs = settings.template?.prefix ?? [classID]
        suffixIDs = settings.template?.suffix ?? [separatorID]
        specialIDs = settings.specialIDs
        addedTokens = settings.addedTokens
        idsByToken = ids
        splitter = WordPieceSplitter(
            normalizer: settings.normalizer, unknownID: unknownID, maximumCharacters: settings.maximumCharacters)
    }
}
