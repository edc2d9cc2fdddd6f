public import ByteStrings

/// The numbers of a collection that scores depend on, as a value: it adds up over parts of a collection, and a caller can bring
/// that of the whole to a search of a part.
public struct CollectionStatistics: Sendable, Equatable {
    /// What is known of one term.
    public struct Term: Sendable, Equatable {
        /// Documents that hold it.
        public var documents: Int
        /// Learned: its largest weight in a document, as stored; impact / scale.
        public var largestWeight: Double

        /// The numbers of a term.
        public init(documents: Int, largestWeight: Double = 0) {
            self.documents = documents
            self.largestWeight = largestWeight
        }
    }

    /// Documents.
    public var documents: Int
    /// Documents with at least one word.
    public var documentsWithText: Int
    /// Σ document lengths in words.
    public var words: Int
    /// The scales of its learned fields, impact per unit of weight. Where there are several, scores are compared in single precision,
    /// also in a part that has only one.
    public var learnedScales: Set<Float> = []
    /// Numbers of text terms and of learned terms; a search takes those of its own segments for terms that are not here.
    public var text: [ByteString: Term] = [:]
    /// The same for learned terms.
    public var learned: [ByteString: Term] = [:]

    /// Numbers without those of any term.
    public init(documents: Int, documentsWithText: Int, words: Int) {
        self.documents = documents
        self.documentsWithText = documentsWithText
        self.words = words
    }

    /// The numbers of two parts together.
    public static func + (a: CollectionStatistics, b: CollectionStatistics) -> CollectionStatistics {
        var sum = CollectionStatistics(
            documents: a.documents + b.documents, documentsWithText: a.documentsWithText + b.documentsWithText,
            words: a.words + b.words)
        sum.learnedScales = a.learnedScales.union(b.learnedScales)
        func join(_ x: Term, _ y: Term) -> Term {
            Term(
                documents: x.documents + y.documents, largestWeight: max(x.largestWeight, y.largestWeight))
        }
        sum.text = a.text.merging(b.text, uniquingKeysWith: join)
        sum.learned = a.learned.merging(b.learned, uniquingKeysWith: join)
        return sum
    }

    /// BM25's average length.
    var averageLength: Float {
        documentsWithText > 0 ? Float(Double(words) / Double(documentsWithText)) : 1
    }

    func term(_ name: String, _ field: Field) -> Term? {
        let known = field == .text ? text : learned
        return known.isEmpty ? nil : known[ByteString(name)]
    }
}
