/// Which documents of a segment count: those that live, or those of them that a filter lets through. A bit for each.
///
/// Consulted in two places: where a document enters the top k, and where ranges of documents are chosen. Bounds stay true when
/// documents are hidden; what promises that documents *reach* a score does not, and has to count the hidden ones.
@safe public final class DocumentSet: Sendable {
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
        unsafe words.initialize(repeating: 0, count: max(1, wordCount))
        var count = 0
        do {
            for docid in 0..<documents where try contains(UInt32(docid)) {
                unsafe words[docid / 64] |= 1 << UInt64(docid % 64)
                count += 1
            }
        } catch {
            unsafe words.deallocate()
            throw error
        }
        unsafe self.words = unsafe words
        self.count = count
    }

    /// All documents but some.
    /// - Parameter docids: Each at most once.
    /// - Complexity: O(documents / 64 + docids).
    public init(documents: Int, hiding docids: some Collection<UInt32>) {
        self.documents = documents
        wordCount = (documents + 63) / 64
        unsafe words = .allocate(capacity: max(1, wordCount))
        unsafe words.initialize(repeating: .max, count: max(1, wordCount))
        if documents % 64 > 0 || documents == 0 { unsafe words[documents / 64] = (1 << UInt64(documents % 64)) - 1 }
        for docid in docids { unsafe words[Int(docid) / 64] &= ~(1 << UInt64(docid % 64)) }
        count = documents - docids.count
    }

    /// The documents whose bits are 1.
    /// - Parameter bits: ⌈documents / 64⌉ words; bits behind the last document are 0.
    init(documents: Int, words bits: UnsafeBufferPointer<UInt64>) {
        self.documents = documents
        wordCount = (documents + 63) / 64
        unsafe words = .allocate(capacity: max(1, wordCount))
        unsafe words.initialize(repeating: 0, count: max(1, wordCount))
        var count = 0
        for place in 0..<wordCount {
            let word = unsafe bits[place]
            unsafe words[place] = word
            count += word.nonzeroBitCount
        }
        self.count = count
    }

    deinit { unsafe words.deallocate() }

    /// These documents without some of them.
    /// - Parameter docids: Each counts here, and comes once.
    /// - Complexity: O(documents / 64 + docids).
    func hiding(_ docids: [UInt32]) -> DocumentSet { DocumentSet(self, without: docids) }

    private init(_ other: DocumentSet, without docids: [UInt32]) {
        (documents, wordCount, count) = (other.documents, other.wordCount, other.count - docids.count)
        unsafe words = .allocate(capacity: max(1, wordCount))
        unsafe words.initialize(from: other.words, count: max(1, wordCount))
        for docid in docids { unsafe words[Int(docid) / 64] &= ~(1 << UInt64(docid % 64)) }
    }

    /// The documents that count in both.
    /// - Complexity: O(documents / 64).
    public func intersection(_ other: DocumentSet) -> DocumentSet {
        precondition(documents == other.documents, "sets of one segment")
        let both = zip(bits, other.bits).map { $0 & $1 }
        return unsafe both.withUnsafeBufferPointer { unsafe DocumentSet(documents: documents, words: $0) }
    }

    /// A bit for each document, in words of 64.
    var bits: [UInt64] { unsafe Array(UnsafeBufferPointer(start: words, count: wordCount)) }

    /// The docids that do not count, ascending.
    /// - Complexity: O(documents / 64 + hidden).
    var hiddenDocids: [UInt32] {
        var docids: [UInt32] = []
        docids.reserveCapacity(hidden)
        for place in 0..<wordCount {
            var rest = unsafe ~words[place]
            if place == wordCount - 1, documents % 64 > 0 { rest &= (1 << UInt64(documents % 64)) - 1 }
            while rest != 0 {
                docids.append(UInt32(place * 64 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
        return docids
    }

    /// The first document from `docid` on that does not count, or nil.
    func firstHidden(from docid: Int) -> Int? {
        guard docid < documents else { return nil }
        var place = docid / 64
        var rest = unsafe ~words[place] & (UInt64.max << UInt64(docid % 64))
        while rest == 0 {
            place += 1
            guard place < wordCount else { return nil }
            rest = unsafe ~words[place]
        }
        let found = 64 * place + rest.trailingZeroBitCount
        return found < documents ? found : nil
    }

    /// Whether a document counts.
    public func contains(_ docid: UInt32) -> Bool { unsafe words[Int(docid) / 64] >> UInt64(docid % 64) & 1 == 1 }

    /// Whether a document of a group of 16 counts.
    func hasAny(inGroup group: Int) -> Bool { unsafe words[group / 4] >> UInt64(group % 4 * 16) & 0xFFFF != 0 }

    /// Sets the bound of every range of 32 documents to 0 in which no document counts.
    func clear(_ bounds: UnsafeMutablePointer<UInt16>, _ ranges: Range<Int>) {
        for range in ranges where unsafe words[range / 2] >> UInt64(range % 2 * 32) & 0xFFFF_FFFF == 0 {
            unsafe bounds[range] = 0
        }
    }
}
