import ByteStrings

/// One document to index.
public struct IndexDocument: Sendable {
    /// External id, without white space.
    public var id: String
    /// UTF-8 of the analysed words, one after another.
    public var wordBytes: [UInt8]
    /// Where each word ends in `wordBytes`.
    public var wordEnds: [Int32]
    /// Learned terms as numbers of the writer's vocabulary.
    public var terms: [UInt32]
    /// One weight per term.
    public var weights: [Float]
    /// What is shown of it, where the index keeps texts.
    public var texts: StoredText

    /// A document.
    public init(
        id: String, wordBytes: [UInt8], wordEnds: [Int32], terms: [UInt32], weights: [Float],
        texts: StoredText = StoredText()
    ) {
        self.texts = texts
        self.id = id
        self.wordBytes = wordBytes
        self.wordEnds = wordEnds
        self.terms = terms
        self.weights = weights
    }
}

/// Postings in memory, until they become a segment.
struct SegmentBuffer {
    private(set) var ids: [String] = []
    private var known: [ByteString: UInt32] = [:]
    /// Documents that were deleted again; they become part of the segment, and hidden there.
    private(set) var hidden: [UInt32] = []
    private(set) var lengths: [UInt8] = []
    private(set) var wordCounts: [UInt32] = []
    private(set) var words = 0
    private(set) var documentsWithText = 0
    private(set) var largestWeight: Float = 0
    /// Whether every learned weight is an integer of 1…255, that is an impact already.
    private(set) var hasImpacts = true
    /// Roughly the memory in use.
    private(set) var bytes = 0

    private var wordNumbers = TermNumbers()
    private var wordLists: [(docids: [UInt32], frequencies: [UInt32])] = []
    private var learnedLists: [UInt32: (docids: [UInt32], weights: [Float])] = [:]

    var isEmpty: Bool { ids.isEmpty }

    /// Documents that were not deleted again.
    var count: Int { known.count }

    /// Whether a document with this id was added and is still there.
    func contains(_ id: String) -> Bool { known[ByteString(id)] != nil }

    /// Deletes a document.
    /// - Returns: Whether it was here.
    @discardableResult mutating func hide(_ id: String) -> Bool {
        guard let docid = known.removeValue(forKey: ByteString(id)) else { return false }
        hidden.append(docid)
        return true
    }

    mutating func add(_ document: IndexDocument) {
        let docid = UInt32(ids.count)
        ids.append(document.id)
        known[ByteString(document.id)] = docid
        bytes += 64 + document.id.utf8.count
        document.wordBytes.withUnsafeBufferPointer { utf8 in
            var start = 0
            for end in document.wordEnds {
                count(UnsafeBufferPointer(rebasing: utf8[start..<Int(end)]), docid)
                start = Int(end)
            }
        }
        lengths.append(LengthByte.encode(document.wordEnds.count))
        wordCounts.append(UInt32(document.wordEnds.count))
        words += document.wordEnds.count
        documentsWithText += document.wordEnds.isEmpty ? 0 : 1
        for (term, weight) in zip(document.terms, document.weights) where weight > 0 {
            learnedLists[term, default: ([], [])].docids.append(docid)
            learnedLists[term, default: ([], [])].weights.append(weight)
            largestWeight = max(largestWeight, weight)
            hasImpacts = hasImpacts && weight <= 255 && weight == weight.rounded()
            bytes += 8
        }
    }

    /// One more occurrence of a word.
    private mutating func count(_ word: UnsafeBufferPointer<UInt8>, _ docid: UInt32) {
        let number = wordNumbers.number(of: word)
        if number == wordLists.count {
            wordLists.append(([], []))
            bytes += 100 + word.count
        }
        if wordLists[number].docids.last == docid {
            wordLists[number].frequencies[wordLists[number].frequencies.count - 1] += 1
        } else {
            wordLists[number].docids.append(docid)
            wordLists[number].frequencies.append(1)
            bytes += 8
        }
    }

    /// The text field, terms in order.
    func textField() -> FieldEncoder {
        var encoder = FieldEncoder(field: .text, documents: ids.count, profile: .standard)
        let order = (0..<wordNumbers.count).sorted {
            wordNumbers.utf8($0).lexicographicallyPrecedes(wordNumbers.utf8($1))
        }
        for number in order {
            let list = wordLists[number]
            encoder.append(wordNumbers.utf8(number), docids: list.docids, values: list.frequencies, lengths: lengths)
        }
        return encoder
    }

    /// The learned field with impacts round(weight × scale) in 1…255 (compact: 31); smaller ones are dropped, larger ones
    /// clipped.
    func learnedField(vocabulary: [String], scale: Float, profile: IndexProfile) -> (
        field: FieldEncoder, clipped: Int, dropped: Int
    ) {
        var encoder = FieldEncoder(field: .learned, documents: ids.count, profile: profile)
        let most = Float(profile.largestImpact)
        var (clipped, dropped) = (0, 0)
        let terms = learnedLists.keys.sorted {
            vocabulary[Int($0)].utf8.lexicographicallyPrecedes(vocabulary[Int($1)].utf8)
        }
        for term in terms {
            guard let list = learnedLists[term] else { continue }
            var docids: [UInt32] = []
            var impacts: [UInt32] = []
            for (docid, weight) in zip(list.docids, list.weights) {
                let impact = (weight * scale).rounded()
                if impact < 1 {
                    dropped += 1
                    continue
                }
                if impact > most { clipped += 1 }
                docids.append(docid)
                impacts.append(UInt32(min(impact, most)))
            }
            if !docids.isEmpty {
                encoder.append(vocabulary[Int(term)].utf8, docids: docids, values: impacts, lengths: [])
            }
        }
        return (encoder, clipped, dropped)
    }
}
