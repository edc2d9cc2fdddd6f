import FileStorage
import TextAnalysis

/// Finds the tokenizer among a model's files.
enum TokenizerLoader {
    /// `tokenizer.json`, or else `vocab.txt` with `tokenizer_config.json`.
    /// - Throws: ``EncoderError/missingFile(model:file:)``, ``EncoderError/tokenizer(detail:)``.
    static func load(_ files: ModelFiles, folder: String) throws(EncoderError) -> any Tokenizer {
        do {
            if let json = try files.bytes(folder + "tokenizer.json") {
                return try TokenizerReader.read(tokenizerJSON: [UInt8](json.unsafeBytes), path: json.path)
            }
            guard let vocabulary = try files.bytes(folder + "vocab.txt") else {
                throw EncoderError.missingFile(model: files.location, file: "tokenizer.json or vocab.txt")
            }
            let configuration = try files.bytes(folder + "tokenizer_config.json")
            return try WordPieceTokenizer.load(
                vocabularyText: [UInt8](vocabulary.unsafeBytes),
                tokenizerConfigJSON: configuration.map { [UInt8]($0.unsafeBytes) }, path: vocabulary.path)
        } catch let error as EncoderError { throw error } catch { throw .tokenizer(detail: "\(error)") }
    }
}
