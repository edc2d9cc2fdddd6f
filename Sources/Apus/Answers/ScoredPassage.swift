import InvertedIndex

/// The passage of a long document that earned it its learned score.
public struct ScoredPassage: Sendable, Equatable, Codable {
    /// From 1.
    public var number: Int
    /// How many passages the document has.
    public var of: Int
    /// Where it begins, in bytes of the document's UTF-8: its title, a blank and its text, or its text alone; nil where the tokenizer does
    /// not keep to words.
    public var start: Int?
    /// Where it ends.
    public var end: Int?
    /// What it says, where texts were looked up.
    public var text: String?

    init(number: Int, of count: Int, bytes: Range<Int>?) {
        (self.number, of) = (number, count)
        (start, end) = (bytes?.lowerBound, bytes?.upperBound)
    }

    init(_ place: PassagePlace) { self.init(number: place.number, of: place.count, bytes: place.bytes) }

    /// That a score is of it, for people.
    var note: String {
        var text = "The learned score is that of passage \(number) of \(of), the best one"
        if let start, let end { text += " (bytes \(start) to \(end))" }
        return text + "; what other passages hold is not in it."
    }

    /// Its bytes in a document's content; nil where they are not known, or not there.
    func range(in content: String) -> Range<Int>? {
        guard let start, let end, start < end, end <= content.utf8.count else { return nil }
        return start..<end
    }

    /// The same with its text.
    /// - Parameter content: The document's.
    package func with(_ content: String) -> ScoredPassage {
        guard let range = range(in: content) else { return self }
        var passage = self
        passage.text = String(decoding: Array(content.utf8)[range], as: UTF8.self)
        return passage
    }
}
