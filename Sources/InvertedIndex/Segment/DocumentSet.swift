/// Which documents of a segment count: those that live, or those of them that a filter lets through. A bit for each.
///
/// Consulted in two places: where a document enters the top k, and where ranges of documents are chosen. Bounds stay true when
/// documents are hidden; what promises that documents *reach* a score does not, and has to count the hidden ones.
public final class DocumentSet: Sendable {
    /// Documents of the segment.
    public let documents: Int
    /// Documents that count.
    public let count: Int
    /// Documents that do not.
    public var hidden: Int { documents - count }
    /// Bit `docid % 64` of word `docid / 64`; bits behind the last document are 0.
    nonisolated(unsafe) let words: UnsafeMutablePointer<UInt64>
    private let wordCount: Int

    /// - Parameter contains: Whether a docid counts, asked once for each.
    /// - Complexity: O(documents).
    public init(documents: Int, where contains: (UInt32) throws -> Bool) rethrows {
        self.documents = documents
        wordCount = (documents + 63) / 64
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, wordCount))
        words.initialize(repeating: 0, count: max(1, wordCount))
        var count = 0
        do {
            for docid in 0..<documents where try contains(UInt32(docid)) {
                words[docid / 64] |= 1 << UInt64(docid % 64)
                count += 1
            }
        } catch {
            words.deallocate()
            throw error
        }
        self.words = words
        self.count = count
    }

    /// The documents that count in both of two sets of one segment.
    /// - Complexity: O(documents / 64).
    public func intersection(_ other: DocumentSet) -> DocumentSet {
        precondition(documents == other.documents, "sets of one segment")
        return withExtendedLifetime((self, other)) {
            DocumentSet(documents: documents, words: (0..<wordCount).lazy.map { self.words[$0] & other.words[$0] })
        }
    }

    private init(documents: Int, words: some Sequence<UInt64>) {
        self.documents = documents
        wordCount = (documents + 63) / 64
        let copy = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, wordCount))
        copy.initialize(repeating: 0, count: max(1, wordCount))
        var count = 0
        for (place, word) in words.enumerated() {
            copy[place] = word
            count += word.nonzeroBitCount
        }
        self.words = copy
        self.count = count
    }

    deinit { words.deallocate() }

    /// Whether a document counts.
    public func contains(_ docid: UInt32) -> Bool { words[Int(docid) / 64] >> UInt64(docid % 64) & 1 == 1 }

    /// Sets the bound of every range of 32 documents to 0 in which no document counts.
    func clear(_ bounds: UnsafeMutablePointer<UInt16>, _ ranges: Range<Int>) {
        for range in ranges where words[range / 2] >> UInt64(range % 2 * 32) & 0xFFFF_FFFF == 0 { bounds[range] = 0 }
    }
}
