import FileStorage
import TextAnalysis

/// Finds the tokenizer among a model's files.
enum TokenizerLoader {
    /// `tokenizer.json`, or else `vocab.txt`, with what the files beside it say.
    /// - Throws: ``EncoderError/missingFile(model:file:)``, ``EncoderError/tokenizer(detail:)``.
    static func load(
        _ files: ModelFiles, folder: String, _ configuration: ModelConfiguration
    ) throws(EncoderError) -> any Tokenizer {
        func read(_ name: String) throws(EncoderError) -> [UInt8]? {
            try files.bytes(folder + name).map { $0.copied() }
        }
        let config = try files.bytes(folder + "tokenizer_config.json")
        let (map, added) = (try read("special_tokens_map.json"), try read("added_tokens.json"))
        do {
            let settings = try TokenizerSettings(
                config: config.map { $0.copied() }, specialTokensMap: map, addedTokens: added,
                path: config?.path ?? files.location + "/" + folder + "tokenizer_config.json",
                modelType: configuration.modelType, modelTokenizerClass: configuration.tokenizerClass,
                rows: configuration.vocabularySize, lowercasesFirst: configuration.lowercasesFirst)
            if let json = try files.bytes(folder + "tokenizer.json") {
                return try TokenizerReader.read(
                    tokenizerJSON: json.copied(), settings: settings, path: json.path)
            }
            guard let vocabulary = try files.bytes(folder + "vocab.txt") else {
                throw EncoderError.missingFile(model: files.location, file: "tokenizer.json or vocab.txt")
            }
            return try WordPieceTokenizer.load(
                vocabularyText: vocabulary.copied(), settings: settings, path: vocabulary.path)
        } catch let error as EncoderError { throw error } catch { throw .tokenizer(detail: "\(error)") }
    }

    /// The tokenizer of a query table's folder, which may differ from that of the documents in all but the tokens; that of the
    /// documents where the folder has the same files or none.
    /// - Throws: as ``load(_:folder:_:)``, and ``EncoderError/vocabularySize(model:tokenizer:checkpoint:)`` for other tokens.
    static func load(
        queries folder: String, _ files: ModelFiles, _ configuration: ModelConfiguration, documents: any Tokenizer
    ) throws(EncoderError) -> any Tokenizer {
        let names = [
            "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        ]
        var (isThere, isSame) = (false, true)
        for (index, name) in names.enumerated() {
            let (own, other) = (try files.bytes(folder + name), try files.bytes(configuration.folder + name))
            if own != nil, index < 2 { isThere = true }
            isSame =
                isSame
                && own.map { own in other.map { own.copied() == $0.copied() } ?? (own.count == 0) } ?? (other == nil)
        }
        guard isThere, !isSame else { return documents }
        let found = try load(files, folder: folder, configuration)
        guard found.hasTokens(documents.vocabulary) else {
            throw .vocabularySize(
                model: files.location + "/" + folder, tokenizer: found.vocabulary.count,
                checkpoint: configuration.vocabularySize)
        }
        return found
    }
}

extension Tokenizer {
    /// Whether these are the tokens, byte for byte.
    func hasTokens(_ tokens: [String]) -> Bool {
        vocabulary.count == tokens.count
            && zip(vocabulary, tokens).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    /// Part of the model's identity: what the files beside the tokenizer change; empty where they change nothing.
    var identity: String {
        applied.changes.isEmpty
            ? "" : "+tokens-" + Checksum.digits(Checksum.of(applied.changes.joined(separator: "\n")))
    }
}
