/// What becomes of the numbers of learned terms when segments are joined, noted while their lists are written.
final class TermNumbering {
    private let readers: [FieldReader?]
    /// Of each part, the new number of each of its terms that is still one.
    private(set) var numbers: [[UInt32]]
    private var next: [Int]
    private var count: UInt32 = 0

    init(_ segments: [Segment]) {
        readers = segments.map { $0.fields[.learned] }
        numbers = readers.map { [UInt32](repeating: 0, count: $0?.terms ?? 0) }
        next = readers.map { _ in 0 }
    }

    /// Notes the next term.
    fileprivate func take(_ term: [UInt8]) {
        for (part, reader) in readers.enumerated() {
            guard let reader else { continue }
            // What lies between is a term of hidden documents alone.
            while next[part] < reader.terms, unsafe reader.termUTF8(next[part]).lexicographicallyPrecedes(term) {
                next[part] += 1
            }
            if next[part] < reader.terms, unsafe reader.termUTF8(next[part]).elementsEqual(term) {
                numbers[part][next[part]] = count
            }
        }
        count += 1
    }
}

/// The postings of another source, whose terms are numbered as they pass.
struct NumberedPostings<Source: PostingSource>: PostingSource {
    private var source: Source
    private let numbering: TermNumbering?

    init(_ source: Source, _ numbering: TermNumbering?) { (self.source, self.numbering) = (source, numbering) }

    var field: Field { source.field }

    mutating func next(_ list: inout PostingList) throws(IndexError) -> Bool {
        guard try source.next(&list) else { return false }
        numbering?.take(list.term)
        return true
    }
}
