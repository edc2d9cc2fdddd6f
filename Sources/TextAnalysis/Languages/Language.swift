/// What becomes of the words of a text: one file of this folder each, and ``Languages/all`` names it.
///
/// A value serves one text at a time, so it may own what is not to be shared by threads.
protocol Language: SendableMetatype {
    /// As it is asked for and recorded.
    static var name: String { get }
    /// The version of its rules, with that of what they come from.
    static var version: String { get }
    /// Whether lower-casing follows Unicode's rules for whole words, as that of a final sigma, or maps each code point alone,
    /// as Lucene.
    static var lowersWholeWords: Bool { get }

    init()

    /// Makes a term of the word in lower case at `word`, in place.
    /// - Parameter isASCII: Whether all of its `count` bytes are.
    /// - Returns: The bytes of the term, at most `count`; 0 for a word that is none.
    func finish(_ word: UnsafeMutablePointer<UInt8>, _ count: Int, isASCII: Bool) -> Int

    /// Appends the terms of a text that is not empty.
    ///
    /// A requirement only so that the loops are compiled for each language.
    static func append(_ text: UnsafeBufferPointer<UInt8>, to terms: inout TermBuffer, asciiFastPath: Bool)
}

/// The languages that an analyzer can be for.
enum Languages {
    static let all: [any Language.Type] = [English.self, AnyLanguage.self, German.self, French.self]
}

extension Language {
    static var lowersWholeWords: Bool { false }

    static func append(_ text: UnsafeBufferPointer<UInt8>, to terms: inout TermBuffer, asciiFastPath: Bool) {
        guard let base = text.baseAddress else { return }
        let language = Self()
        if asciiFastPath, unsafe ASCIIWords.isASCII(text) {
            // A term is never longer than its word.
            unsafe terms.append(capacity: text.count) { room, offset, ends in
                unsafe ASCIIWords.analyze(
                    base, count: text.count, as: language, room: room, offset: offset, ends: &ends)
            }
        } else {
            // Lower-casing makes at most three bytes of two.
            unsafe terms.append(capacity: text.count + text.count / 2 + 4) { room, offset, ends in
                var writer = unsafe TermWriter(language, room: room, offset: offset)
                return unsafe writer.write(text, ends: &ends)
            }
        }
    }
}
