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
    /// The passages of a long document, each with a vector of its own; the document's is then the largest of their impacts, and `terms`
    /// and `weights` are empty. Empty for a document that is one passage.
    public var passages: [IndexPassage]
    /// What is shown of it, where the index keeps texts.
    public var texts: StoredText

    /// A document.
    public init(
        id: String, wordBytes: [UInt8], wordEnds: [Int32], terms: [UInt32], weights: [Float],
        passages: [IndexPassage] = [], texts: StoredText = StoredText()
    ) {
        self.passages = passages
        self.texts = texts
        self.id = id
        self.wordBytes = wordBytes
        self.wordEnds = wordEnds
        self.terms = terms
        self.weights = weights
    }
}

/// Documents in memory, until they become a segment.
///
/// Learned weights become impacts as soon as there is a scale, and a mean norm where norms are evened out; those before wait.
struct SegmentBuffer {
    private(set) var ids = TermNumbers()
    /// Documents that were deleted again; they become part of the segment, and hidden there.
    private(set) var hidden: Set<UInt32> = []
    private(set) var wordCounts: [UInt32] = []
    private(set) var largestWeight: Float = 0
    /// Whether every learned weight is an integer of 1…255, that is an impact already.
    private(set) var hasImpacts = true
    /// Learned weights above the largest impact, and below half a quantum.
    private(set) var clipped = 0
    private(set) var dropped = 0
    /// Roughly the memory in use.
    private(set) var bytes = 0

    private let profile: IndexProfile
    private var scale: Float?
    private var norms: VectorNorms?
    private var wordNumbers = TermNumbers()
    private var words: [PackedPostings] = []
    /// By the number of the term.
    private var learned: [PackedPostings] = []
    private var waiting: [(docid: UInt32, passages: [IndexPassage])] = []
    /// Those of long documents.
    private(set) var passages = BufferedPassages()

    /// An empty buffer.
    init(scale: Float?, norms: VectorNorms?, profile: IndexProfile) {
        self.scale = scale
        self.norms = norms
        self.profile = profile
    }

    /// Documents, deleted ones too.
    var documents: Int { ids.count }
    /// Documents that were not deleted again.
    var count: Int { ids.count - hidden.count }
    var isEmpty: Bool { ids.count == 0 }

    /// The number of the document with this id, in the order in which they came; nil where it was deleted again.
    func number(of id: String) -> Int? {
        var id = id
        return id.withUTF8 { unsafe ids.find($0) }.flatMap { hidden.contains(UInt32($0)) ? nil : $0 }
    }

    /// Whether a document with this id was added and is still there.
    func contains(_ id: String) -> Bool { number(of: id) != nil }

    /// Deletes a document.
    /// - Returns: Whether it was here.
    @discardableResult mutating func hide(_ id: String) -> Bool {
        guard let number = number(of: id) else { return false }
        hidden.insert(UInt32(number))
        return true
    }

    mutating func add(_ document: IndexDocument) {
        let docid = UInt32(ids.count)
        var id = document.id
        id.withUTF8 { unsafe ids.append($0) }
        // Its hash, its slots, its end, its length.
        bytes += 40 + document.id.utf8.count
        unsafe document.wordBytes.withUnsafeBufferPointer { utf8 in
            var start = 0
            for end in document.wordEnds {
                unsafe count(UnsafeBufferPointer(rebasing: utf8[start..<Int(end)]), docid)
                start = Int(end)
            }
        }
        wordCounts.append(UInt32(document.wordEnds.count))
        var vectors = document.passages
        if vectors.isEmpty {
            guard !document.terms.isEmpty else { return }
            vectors = [IndexPassage(terms: document.terms, weights: document.weights)]
        }
        for place in vectors.indices {
            vectors[place].weights = norms?(vectors[place].weights) ?? vectors[place].weights
            look(at: vectors[place].weights)
        }
        if let scale, norms?.mean != nil || norms == nil {
            add(docid, vectors, scale)
        } else {
            bytes += vectors.reduce(0) { $0 + 64 + 8 * $1.terms.count }
            waiting.append((docid, vectors))
        }
    }

    private mutating func look(at weights: [Float]) {
        for weight in weights where weight > 0 {
            largestWeight = max(largestWeight, weight)
            hasImpacts = hasImpacts && weight <= 255 && weight == weight.rounded()
        }
    }

    /// One more occurrence of a word.
    private mutating func count(_ word: UnsafeBufferPointer<UInt8>, _ docid: UInt32) {
        let number = unsafe wordNumbers.number(of: word)
        if number == words.count {
            words.append(PackedPostings())
            bytes += 120 + word.count
        }
        bytes += words[number].count(docid)
    }

    /// Whether there are vectors that wait for a scale or a mean norm.
    var isWaiting: Bool { !waiting.isEmpty }

    /// The mean L2 norm of the vectors that wait, of those that have one; nil without any.
    var meanNorm: Double? {
        let norms = waiting.flatMap { $0.passages.map { VectorNorms.norm($0.weights) } }.filter { $0 > 0 }
        return norms.isEmpty ? nil : norms.reduce(0, +) / Double(norms.count)
    }

    /// Evens out the norms of the vectors that wait, and of those to come.
    mutating func setNorms(_ norms: VectorNorms) {
        self.norms = norms
        (largestWeight, hasImpacts) = (0, true)
        for place in waiting.indices {
            for passage in waiting[place].passages.indices {
                let weights = norms(waiting[place].passages[passage].weights)
                waiting[place].passages[passage].weights = weights
                look(at: weights)
            }
        }
    }

    /// Sets the scale of the learned weights, once.
    mutating func setScale(_ scale: Float) {
        self.scale = scale
        for (docid, passages) in waiting { add(docid, passages, scale) }
        waiting = []
    }

    /// Impacts are round(weight × scale) in 1…255 (compact: 31); smaller ones are dropped, larger ones clipped.
    private mutating func impacts(
        _ terms: [UInt32], _ weights: [Float], _ scale: Float, _ body: (UInt32, UInt8, inout SegmentBuffer) -> Void
    ) {
        let most = Float(profile.largestImpact)
        for (term, weight) in zip(terms, weights) where weight > 0 {
            let impact = (weight * scale).rounded()
            if impact < 1 {
                dropped += 1
                continue
            }
            if impact > most { clipped += 1 }
            body(term, UInt8(min(impact, most)), &self)
        }
    }

    /// A document's posting of a term is the largest impact that any of its passages gives it.
    private mutating func add(_ docid: UInt32, _ passages: [IndexPassage], _ scale: Float) {
        guard passages.count > 1 else {
            for passage in passages {
                impacts(passage.terms, passage.weights, scale) { $2.append(docid, $0, $1) }
            }
            return
        }
        var largest: [UInt32: UInt8] = [:]
        for passage in passages {
            var vector: [(term: UInt32, impact: UInt8)] = []
            impacts(passage.terms, passage.weights, scale) { term, impact, _ in vector.append((term, impact)) }
            for (term, impact) in vector { largest[term] = max(largest[term] ?? 0, impact) }
            self.passages.append(vector, at: PassageVector.stored(passage.bytes), of: docid)
            bytes += 24 + 5 * vector.count
        }
        for (term, impact) in largest { append(docid, term, impact) }
    }

    private mutating func append(_ docid: UInt32, _ term: UInt32, _ impact: UInt8) {
        while learned.count <= Int(term) {
            learned.append(PackedPostings())
            bytes += 32
        }
        bytes += learned[Int(term)].append(docid, impact: impact)
    }

    /// The postings of the words, as a source.
    /// - Parameter places: The place of each document; nil where they stay in their order.
    func textPostings(_ places: [UInt32]?) -> BufferPostings {
        BufferPostings(
            .text, words, terms: wordNumbers.ascending(), documents: documents, places: places
        ) { [wordNumbers] number in
            unsafe wordNumbers.withTerms { unsafe Array($0(number)) }
        }
    }

    /// The postings of the learned terms, as a source.
    func learnedPostings(vocabulary: [String], _ places: [UInt32]?) -> BufferPostings {
        BufferPostings(
            .learned, learned, terms: learnedTerms(vocabulary), documents: documents, places: places
        ) { Array(vocabulary[$0].utf8) }
    }

    /// The terms that occur, by name.
    private func learnedTerms(_ vocabulary: [String]) -> [UInt32] {
        let present = (0..<UInt32(learned.count)).filter { !learned[Int($0)].bytes.isEmpty }
        return present.sorted { ByteString(vocabulary[Int($0)]) < ByteString(vocabulary[Int($1)]) }
    }

    /// The number in the segment of each term of the vocabulary that occurs.
    func learnedNumbers(_ vocabulary: [String]) -> [UInt32] {
        var numbers = [UInt32](repeating: 0, count: learned.count)
        for (number, term) in learnedTerms(vocabulary).enumerated() { numbers[Int(term)] = UInt32(number) }
        return numbers
    }
}
