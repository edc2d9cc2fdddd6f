import ByteStrings
import CorpusFormats

/// One document of the input, with the terms that another encoder gave it, if any did.
struct InputDocument {
    var document: CorpusDocument
    /// The file that it came from.
    var path: String
    var vector: [(term: String, weight: Float)]?
}

/// Documents as texts, or as precomputed vectors.
enum InputReader {
    case texts(CorpusReader)
    case vectors(VectorReader)

    var bytesRead: Int {
        switch self {
        case .texts(let reader): reader.bytesRead
        case .vectors(let reader): reader.bytesRead
        }
    }

    var totalBytes: Int? {
        switch self {
        case .texts(let reader): reader.totalBytes
        case .vectors(let reader): reader.totalBytes
        }
    }

    /// What was passed over, a sentence each; whole when ``next()`` has returned nil.
    var notes: [String] {
        switch self {
        case .texts(let reader): reader.notes
        case .vectors: []
        }
    }

    /// The next document, or nil at the end.
    func next() throws -> InputDocument? {
        switch self {
        case .texts(let reader): return try reader.next().map { InputDocument(document: $0, path: reader.currentPath) }
        case .vectors(let reader):
            guard let vector = try reader.next() else { return nil }
            let document = CorpusDocument(
                id: vector.id, title: "", text: vector.contents ?? "", metadata: vector.metadata, line: vector.line)
            return InputDocument(document: document, path: reader.path, vector: vector.weights)
        }
    }
}

/// Numbers for the terms of imported vectors.
struct ImportedVocabulary {
    private var numbers: [ByteString: UInt32] = [:]
    /// Terms that got a number since they were last taken.
    private(set) var fresh: [String] = []

    /// The terms and weights of a vector; a term that stands there twice counts with its larger weight.
    mutating func number(_ vector: [(term: String, weight: Float)]) -> (terms: [UInt32], weights: [Float]) {
        var weights: [UInt32: Float] = [:]
        weights.reserveCapacity(vector.count)
        for (term, weight) in vector {
            let number: UInt32
            let key = ByteString(term)
            if let known = numbers[key] {
                number = known
            } else {
                number = UInt32(numbers.count)
                numbers[key] = number
                fresh.append(term)
            }
            weights[number] = max(weights[number] ?? 0, weight)
        }
        let terms = weights.keys.sorted()
        return (terms, terms.map { weights[$0] ?? 0 })
    }

    mutating func takeFresh() -> [String] {
        defer { fresh = [] }
        return fresh
    }
}
