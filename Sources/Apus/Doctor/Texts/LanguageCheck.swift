import TextAnalysis

/// Which languages the texts seem to be in, and whether word analysis and the encoder know the most common one.
struct LanguageCheck: TextCheck {
    /// The analyzer of the index; nil where there is none.
    let analyzer: Analyzer.Name?
    private var counts: [String: Int] = [:]
    private var told = 0
    private var all = 0
    private var firsts: [String: DoctorReport.Example] = [:]

    init(analyzer: Analyzer.Name?) { self.analyzer = analyzer }

    mutating func visit(_ text: ExaminedText) {
        all += 1
        guard let language = text.facts.language else { return }
        told += 1
        counts[language, default: 0] += 1
        if firsts[language] == nil { firsts[language] = text.example("\(language): '\(text.content.prefix(60))'") }
    }

    private var ordered: [(language: String, count: Int)] {
        counts.map { (language: $0.key, count: $0.value) }.sorted { ($1.count, $0.language) < ($0.count, $1.language) }
    }

    /// The language of most texts whose language can be told.
    var usual: String? { ordered.first?.language }

    func findings(
        of subject: TextSubject, in path: String, _ places: DocumentPlaces
    ) -> [DoctorReport.Finding] {
        let ordered = ordered
        guard let usual = ordered.first else { return [] }
        let shares = ordered.prefix(4).map { "\($0.language) \(Figures.share($0.count, of: told))" }
        let others = told - usual.count
        var summary =
            "The \(subject == .documents ? "documents" : "queries") seem to be in \(shares.joined(separator: ", "))"
        if ordered.count > 4 { summary += " and \(ordered.count - 4) more" }
        summary += "; of \(Figures.share(all - told, of: all)) it cannot be told."
        let fix = Self.fix(usual.language, analyzer, isMixed: others >= 5 && others * 10 > told)
        return [
            DoctorReport.Finding(
                severity: fix == nil ? .note : .warning, check: "languages", path: path, summary: summary,
                count: others,
                examples: ordered.dropFirst().prefix(Tally.kept).compactMap { firsts[$0.language] }, fix: fix)
        ]
    }

    private static func fix(_ language: String, _ analyzer: Analyzer.Name?, isMixed: Bool) -> String? {
        let fitting = Analyzer.Name(rawValue: language.lowercased()) ?? .unicode
        if let analyzer {
            if analyzer == fitting || isMixed && analyzer == .unicode { return nil }
            return
                "The index analyses words as '\(analyzer.rawValue)': build it with --analyzer \(isMixed ? "unicode" : fitting.rawValue)."
        }
        if isMixed { return "Index with --analyzer unicode and a model that knows these languages." }
        return language == "English"
            ? nil : "Index with --analyzer \(fitting.rawValue) and a model that knows the language."
    }
}
