/// What can be fed with arbitrary bytes. Nothing may trap, and only the errors that a function declares may be thrown, which
/// typed throws make certain; beyond that, answers must be sound (terms ascend, ids are in the vocabulary).
///
/// Scripts/fuzz runs one of them with libFuzzer; SeedReplayTests runs all of them over Tests/Fixtures/fuzz.
enum FuzzTarget: String, CaseIterable {
    /// A model's folder as a ``FuzzBundle``: safetensors or pickle, config.json and what lies beside them.
    case checkpoint
    /// `tokenizer.json`, or `vocab.txt` with `tokenizer_config.json`, and a `text`, as a ``FuzzBundle``.
    case tokenizer
    /// A letter that names a reader, then the bytes of a file.
    case text
    /// `commit` and `segment` of an index as a ``FuzzBundle``.
    case index
    /// `commit` of an index that was changed, and the files that it names, as a ``FuzzBundle``.
    case changed
    /// A letter that names a reader of other engines' files, then the bytes of a file.
    case exchange

    /// Feeds one input.
    /// - Returns: Whether it was read to its end without an error.
    @discardableResult
    func run(_ input: [UInt8]) -> Bool {
        switch self {
        case .checkpoint: CheckpointFuzzing.run(input)
        case .tokenizer: TokenizerFuzzing.run(input)
        case .text: TextFuzzing.run(input)
        case .index: IndexFuzzing.run(input)
        case .changed: ChangedIndexFuzzing.run(input)
        case .exchange: ExchangeFuzzing.run(input)
        }
    }

    /// Texts with what is special to some tokenizer or analyzer.
    static let texts = [
        "", " ", "a cat sat on the mat", "The CAT's mats, 12,345.67 \u{1F469}\u{200D}\u{1F680} #\u{FE0F}\u{20E3}!",
        "İstanbul naïve ΣΑΣ e\u{301}\u{328} \u{FB01} \u{FF37}\u{3000}東京タワー ไทย \r\n\t\u{0}\u{FFFD}",
        "[MASK] <s></s> <pad>[CLS] [SEP]<unk>",
        String(repeating: "ab ", count: 60) + String(repeating: "x", count: 300),
    ]
}
