import CICU

/// Turns a text into the terms that BM25 counts.
///
/// The same analyzer must be used for documents and queries; ``version`` and ``unicodeVersion`` are recorded in an
/// index so that a change of either is noticed.
public struct Analyzer: Sendable, Equatable {
    /// The analyzers there are: what they do with a text's words.
    public struct Name: RawRepresentable, CaseIterable, Codable, Hashable, Sendable {
        /// As an index records it.
        public let rawValue: String

        /// The analyzer of that name; nil for one that there is not.
        public init?(rawValue: String) {
            guard Languages.all.contains(where: { $0.name == rawValue }) else { return nil }
            self.rawValue = rawValue
        }

        private init(_ language: any Language.Type) { rawValue = language.name }

        /// Lucene's English analyzer: words, possessive removed, lower-case, 33 stop words removed, Porter's stemmer.
        public static let english = Name(English.self)
        /// Words in lower-case, for any language: no stop words, no stemming.
        public static let unicode = Name(AnyLanguage.self)

        /// All analyzers; those of more languages have Snowball's stop words and stemmers.
        public static let allCases: [Name] = Languages.all.map { Name($0) }
    }

    /// Which analyzer this is.
    public let name: Name
    private let language: any Language.Type

    /// The analyzer called `name`.
    public init(_ name: Name) {
        self.name = name
        language = Languages.all.first { $0.name == name.rawValue } ?? AnyLanguage.self
    }

    /// Equal by name.
    public static func == (a: Analyzer, b: Analyzer) -> Bool { a.name == b.name }

    /// The version of the Unicode data in use, such as `icu-72.1`.
    public static var unicodeVersion: String {
        var version: [UInt8] = [0, 0, 0, 0]
        unsafe apus_u_getVersion(&version)
        return "icu-\(version[0]).\(version[1])"
    }

    /// The analyzer's name and the version of its rules, such as `english-1`, with Snowball's where it stems with it.
    public var version: String { language.version }

    /// Appends the terms of `text` to `terms`, in text order and with duplicates.
    ///
    /// - Complexity: O(bytes of `text`).
    public func analyze(_ text: String, into terms: inout TermBuffer) {
        analyze(text, into: &terms, asciiFastPath: true)
    }

    /// The terms of `text`, in text order and with duplicates.
    ///
    /// - Complexity: O(bytes of `text`).
    public func terms(in text: String) -> [String] {
        var terms = TermBuffer()
        analyze(text, into: &terms)
        return terms.strings
    }

    /// The same with the fast path switched off for tests, which compare the two.
    func analyze(_ text: String, into terms: inout TermBuffer, asciiFastPath: Bool) {
        var text = text
        text.withUTF8 { bytes in
            guard !bytes.isEmpty else { return }
            unsafe language.append(bytes, to: &terms, asciiFastPath: asciiFastPath)
        }
    }
}
