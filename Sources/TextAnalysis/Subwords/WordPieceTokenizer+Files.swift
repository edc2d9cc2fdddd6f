import Foundation

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
        let file: TokenizerFile = try decode(scan?.rest ?? tokenizerJSON, path: path)
        return try WordPieceTokenizer(file.settings(path: path, scanned: scan?.tokens))
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
        guard let text = String(validating: vocabularyText, as: UTF8.self) else {
            throw .malformed(path: path, detail: "it is not UTF-8")
        }
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line))
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        let config: TokenizerConfigFile =
            if let tokenizerConfigJSON {
                try decode(tokenizerConfigJSON, path: path)
            } else {
                TokenizerConfigFile()
            }
        return try WordPieceTokenizer(config.settings(vocabulary: lines, path: path))
    }

    init(_ settings: Settings) throws(TokenizerError) {
        try self.init(settings, ids: settings.idsByToken())
    }

    private static func decode<File: Decodable>(_ bytes: [UInt8], path: String) throws(TokenizerError) -> File {
        do {
            return try JSONDecoder().decode(File.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw .malformed(path: path, detail: detail(of: error))
        } catch {
            throw .malformed(path: path, detail: "\(error)")
        }
    }

    private static func detail(of error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "" : " at " + context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        return switch error {
        case .keyNotFound(let key, let context): "'\(key.stringValue)' is missing\(place(context))"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            "no \(type)\(place(context))"
        case .dataCorrupted(let context): "no valid JSON\(place(context))"
        @unknown default: "no valid JSON"
        }
    }
}

/// A string, or an object with the string as `content`, as `tokenizer_config.json` writes special tokens.
private struct TokenText: Decodable {
    let content: String

    private enum Key: CodingKey { case content }

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            content = text
        } else {
            content = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .content)
        }
    }
}

/// The part of `tokenizer_config.json` that changes ids.
private struct TokenizerConfigFile: Decodable {
    var do_lower_case: Bool?
    var strip_accents: Bool?
    var tokenize_chinese_chars: Bool?
    var do_basic_tokenize: Bool?
    var unk_token: TokenText?
    var cls_token: TokenText?
    var sep_token: TokenText?
    var pad_token: TokenText?
    var mask_token: TokenText?

    func settings(vocabulary: [String], path: String) throws(TokenizerError) -> WordPieceTokenizer.Settings {
        if do_basic_tokenize == false {
            throw .unsupported(path: path, part: "do_basic_tokenize", found: "false", supported: "true")
        }
        var settings = WordPieceTokenizer.Settings(vocabulary: vocabulary, path: path)
        settings.normalizer.lowercases = do_lower_case ?? true
        settings.normalizer.stripsAccents = strip_accents ?? settings.normalizer.lowercases
        settings.normalizer.handlesChineseCharacters = tokenize_chinese_chars ?? true
        settings.unknownToken = unk_token?.content ?? settings.unknownToken
        settings.classToken = cls_token?.content ?? settings.classToken
        settings.separatorToken = sep_token?.content ?? settings.separatorToken
        settings.paddingToken = pad_token?.content ?? settings.paddingToken
        settings.maskToken = mask_token?.content ?? settings.maskToken
        let specials: Set = [
            settings.unknownToken, settings.classToken, settings.separatorToken, settings.paddingToken,
            settings.maskToken,
        ]
        for (id, token) in vocabulary.enumerated() where specials.contains(token) {
            settings.addedTokens.append(
                AddedToken(id: Int32(id), content: Array(token.utf8), stripsLeft: false, stripsRight: false))
            settings.specialIDs.insert(Int32(id))
        }
        return settings
    }
}
