import LearnedEncoder

/// What the encoder does not read of texts that are too long for it, and what its vocabulary cannot spell.
struct EncoderReachCheck: TextCheck {
    /// The share of unknown tokens above which a text is an example, and a collection a warning.
    static let muchUnknown = 0.02

    let model: String
    let maximumLength: Int
    private var texts = 0
    private var sum = TokenCounts()
    private var cut = Tally()
    private var unknown = Tally()

    init(_ description: ModelDescription) {
        model = description.name
        maximumLength = description.maximumLength
    }

    mutating func visit(_ text: ExaminedText) {
        guard let counts = text.facts.tokens else { return }
        texts += 1
        sum.tokens += counts.tokens
        sum.read += counts.read
        sum.unknown += counts.unknown
        if counts.read < counts.tokens {
            cut.add(
                text.example(
                    "\(Figures.number(counts.read)) of \(Figures.number(counts.tokens)) tokens are read"))
        }
        if counts.unknown > 0, Double(counts.unknown) > Double(counts.tokens) * Self.muchUnknown {
            unknown.add(
                text.example(
                    "\(Figures.number(counts.unknown)) of \(Figures.number(counts.tokens)) tokens are unknown"))
        }
    }

    func findings(
        of subject: TextSubject, in path: String, _ places: DocumentPlaces
    ) -> [DoctorReport.Finding] {
        let unread = sum.tokens - sum.read
        let fix =
            switch subject {
            case .documents: "BM25 sees all of it. For the learned field: a larger --max-length, or --passages."
            case .queries: "Shorten them, or search them with BM25 or the inference-free query side."
            }
        var found = [
            cut.finding(
                // A title with a long tail is common; a fifth of the collection unread is not.
                unread * 20 > sum.tokens ? .warning : .note, "truncated-texts", path,
                "\(subject.counted(cut.count)) (\(Figures.share(cut.count, of: texts))) \(cut.count == 1 ? "is" : "are") longer than "
                    + "the \(maximumLength) tokens that '\(model)' reads; \(Figures.share(unread, of: sum.tokens)) of all tokens "
                    + "are never read.", fix: fix)
        ]
        let isMuch = Double(sum.unknown) > Double(sum.tokens) * Self.muchUnknown
        if sum.unknown > 0 {
            found.append(
                DoctorReport.Finding(
                    severity: isMuch ? .warning : .note, check: "unknown-tokens", path: path,
                    summary:
                        "\(Figures.share(sum.unknown, of: sum.tokens)) of the tokens of the \(Self.plural(subject)) are unknown to "
                        + "'\(model)'; in \(subject.counted(unknown.count)) more than 2 % are.",
                    count: unknown.count, examples: unknown.examples,
                    fix: isMuch ? "Take a model whose vocabulary has this language and these symbols." : nil))
        }
        return found.compactMap { $0 }
    }

    private static func plural(_ subject: TextSubject) -> String { subject == .documents ? "documents" : "queries" }
}
