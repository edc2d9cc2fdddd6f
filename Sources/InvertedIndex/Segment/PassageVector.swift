/// One passage of a document to index, whose learned vector is as long as any document's.
public struct IndexPassage: Sendable {
    /// Learned terms as numbers of the writer's vocabulary.
    public var terms: [UInt32]
    /// One weight per term.
    public var weights: [Float]
    /// Where it lies in the document's text, in bytes of UTF-8; nil where that is not known.
    public var bytes: Range<Int>?

    /// A passage.
    public init(terms: [UInt32], weights: [Float], bytes: Range<Int>? = nil) {
        (self.terms, self.weights, self.bytes) = (terms, weights, bytes)
    }
}

/// One passage of a document as a segment stores it.
struct PassageVector {
    /// Where it lies in the text, `0..<0` where that is not known.
    var bytes: Range<UInt32>
    /// Numbers of the segment's learned terms, ascending, and their impacts.
    var vector: [(term: Int, impact: UInt8)]

    /// Bytes of a text as they are stored.
    static func stored(_ bytes: Range<Int>?) -> Range<UInt32> {
        guard let bytes, bytes.lowerBound >= 0, bytes.upperBound <= UInt32.max else { return 0..<0 }
        return UInt32(bytes.lowerBound)..<UInt32(bytes.upperBound)
    }
}

/// The passages of a buffer's documents, until they become a segment; documents of one passage have none.
struct BufferedPassages {
    /// Of each document, its passages.
    private(set) var ofDocument: [UInt32: Range<Int>] = [:]
    private var bytes: [Range<UInt32>] = []
    /// Where each passage's terms end.
    private var ends: [Int] = []
    private var terms: [UInt32] = []
    private var impacts: [UInt8] = []

    var isEmpty: Bool { ofDocument.isEmpty }

    /// Adds the next passage of a document, whose passages follow each other.
    mutating func append(_ vector: [(term: UInt32, impact: UInt8)], at bytes: Range<UInt32>, of docid: UInt32) {
        ofDocument[docid] = (ofDocument[docid]?.lowerBound ?? ends.count)..<ends.count + 1
        self.bytes.append(bytes)
        for (term, impact) in vector {
            terms.append(term)
            impacts.append(impact)
        }
        ends.append(terms.count)
    }

    /// The passages of a document.
    /// - Parameter numbers: The number of each term of the vocabulary in the segment.
    func passages(of docid: UInt32, numbers: [UInt32]) -> [PassageVector] {
        (ofDocument[docid] ?? 0..<0).map { passage in
            let range = (passage == 0 ? 0 : ends[passage - 1])..<ends[passage]
            return PassageVector(
                bytes: bytes[passage],
                vector: range.map { (Int(numbers[Int(terms[$0])]), impacts[$0]) }.sorted { $0.0 < $1.0 })
        }
    }
}
