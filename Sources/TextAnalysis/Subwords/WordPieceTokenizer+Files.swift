extension WordPieceTokenizer {
    /// Reads a `tokenizer.json` of the Hugging Face `tokenizers` library.
    ///
    /// Its `truncation` and `padding` are not used: the caller says how long a text may be.
    ///
    /// - Parameters:
    ///   - tokenizerJSON: The bytes of the file.
    ///   - path: Its path, for messages.
    /// - Throws: ``TokenizerError``; anything that would make other ids than this library gives is refused by name.
    public static func load(tokenizerJSON: [UInt8], path: String) throws(TokenizerError) -> WordPieceTokenizer {
        let scan = VocabularyScanner.scan(tokenizerJSON)
        let file = try TokenizerJSON(bytes: scan?.rest ?? tokenizerJSON, path: path)
        return try WordPieceTokenizer(Settings(file, tokens: scan?.tokens))
    }

    /// Reads a `vocab.txt`, one token per line, with the switches of a `tokenizer_config.json`.
    ///
    /// - Parameters:
    ///   - vocabularyText: The bytes of `vocab.txt`; the line number, from zero, is the id.
    ///   - tokenizerConfigJSON: The bytes of `tokenizer_config.json`; nil is an uncased BERT.
    ///   - path: The path of `vocab.txt`, for messages.
    /// - Throws: ``TokenizerError``.
    public static func load(
        vocabularyText: [UInt8], tokenizerConfigJSON: [UInt8]?, path: String
    ) throws(TokenizerError) -> WordPieceTokenizer {
        try load(vocabularyText: vocabularyText, settings: TokenizerSettings(config: tokenizerConfigJSON), path: path)
    }

    /// Reads a `vocab.txt`, one token per line, with what the files beside it say.
    /// - Throws: ``TokenizerError``.
    public static func load(
        vocabularyText: [UInt8], settings: TokenizerSettings, path: String
    ) throws(TokenizerError) -> WordPieceTokenizer {
        guard let text = String(validating: vocabularyText, as: UTF8.self) else {
            throw .malformed(path: path, detail: "it is not UTF-8")
        }
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line))
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        let (words, applied) = try settings.wordPiece(vocabulary: lines, path: path)
        var tokenizer = try WordPieceTokenizer(words)
        tokenizer.applied = applied
        return tokenizer
    }

    init(_ settings: Settings) throws(TokenizerError) {
        try self.init(settings, ids: settings.idsByToken())
    }
}
