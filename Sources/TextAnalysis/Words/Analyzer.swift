import CICU

/// Turns a text into the terms that BM25 counts.
///
/// The same analyzer must be used for documents and queries; ``version`` and ``unicodeVersion`` are recorded in an
/// index so that a change of either is noticed.
public struct Analyzer: Sendable, Equatable {
    /// The analyzers there are.
    public enum Name: String, CaseIterable, Codable, Sendable {
        /// Lucene's English analyzer: words, possessive removed, lower-case, 33 stop words removed, Porter's stemmer.
        case english
        /// Words in lower-case, for any language: no stop words, no stemming.
        case unicode
    }

    /// Which analyzer this is.
    public let name: Name

    /// The analyzer called `name`.
    public init(_ name: Name) { self.name = name }

    /// The version of the Unicode data in use, such as `icu-72.1`.
    public static var unicodeVersion: String {
        var version: [UInt8] = [0, 0, 0, 0]
        apus_u_getVersion(&version)
        return "icu-\(version[0]).\(version[1])"
    }

    /// The analyzer's name and the version of its rules, such as `english-1`.
    public var version: String { "\(name.rawValue)-1" }

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
            guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
            if asciiFastPath, ASCIIWords.isASCII(bytes) {
                // A term is never longer than its word.
                terms.append(capacity: bytes.count) { room, offset, ends in
                    ASCIIWords.analyze(
                        base, count: bytes.count, isEnglish: name == .english, room: room, offset: offset, ends: &ends)
                }
            } else {
                // Lower-casing makes at most three bytes of two.
                terms.append(capacity: bytes.count + bytes.count / 2 + 4) { room, offset, ends in
                    var writer = TermWriter(room: room, offset: offset, isEnglish: name == .english)
                    return writer.write(bytes, ends: &ends)
                }
            }
        }
    }
}
