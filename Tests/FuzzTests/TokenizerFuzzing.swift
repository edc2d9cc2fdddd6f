import TextAnalysis

/// Reads a tokenizer out of an input and cuts texts with it.
enum TokenizerFuzzing {
    static func run(_ input: [UInt8]) -> Bool {
        var isRead = false
        let files = FuzzBundle(input).files
        let text = files["text"].map { String(decoding: $0, as: UTF8.self) }
        func bytes(_ name: String) -> [UInt8]? { files[name].map { [UInt8]($0) } }
        for modelType in ["bert", "roberta", "new"] {
            guard
                let settings = try? TokenizerSettings(
                    config: bytes("tokenizer_config.json"), specialTokensMap: bytes("special_tokens_map.json"),
                    addedTokens: bytes("added_tokens.json"), modelType: modelType, rows: 400,
                    lowercasesFirst: modelType == "new")
            else { continue }
            if let json = bytes("tokenizer.json"),
                let tokenizer = try? TokenizerReader.read(
                    tokenizerJSON: json, settings: settings, path: "fuzz/tokenizer.json")
            {
                check(tokenizer, text)
                isRead = true
            }
            if let vocabulary = bytes("vocab.txt"),
                let tokenizer = try? WordPieceTokenizer.load(
                    vocabularyText: vocabulary, settings: settings, path: "fuzz/vocab.txt")
            {
                check(tokenizer, text)
                isRead = true
            }
        }
        return isRead
    }

    private static func check(_ tokenizer: any Tokenizer, _ text: String?) {
        let count = tokenizer.vocabulary.count
        for text in FuzzTarget.texts + (text.map { [$0] } ?? []) {
            let whole = tokenizer.encode(text, maximumLength: nil, addingSpecialTokens: true)
            precondition(whole.ids.allSatisfy { (0..<count).contains(Int($0)) }, "ids are in the vocabulary")
            precondition(!whole.isTruncated && whole.untruncatedCount == whole.ids.count, "nothing is cut unasked")
            let bare = tokenizer.encode(text, maximumLength: 3, addingSpecialTokens: false)
            precondition(bare.ids.count <= 3, "the maximum length holds")
        }
    }
}
