/// What the files beside a tokenizer changed in it.
public struct AppliedTokenizerSettings: Sendable, Equatable {
    /// Each change of ids, in words that only depend on the change; empty where the tokenizer is used as it is.
    public var changes: [String] = []
    /// Whether a text that is too long loses its start instead of its end.
    public var truncatesLeft = false
    /// Settings that say something about tokens and are not followed, with the reason.
    public var unused: [String] = []

    /// Nothing changed.
    public init() {}
}
