import ByteStrings
import CorpusFormats

/// Documents as texts, or as precomputed vectors.
enum InputReader {
    case texts(CorpusReader)
    case vectors(VectorReader)
    case feed(DocumentFeed)

    var bytesRead: Int {
        switch self {
        case .texts(let reader): reader.bytesRead
        case .vectors(let reader): reader.bytesRead
        case .feed: 0
        }
    }

    var totalBytes: Int? {
        switch self {
        case .texts(let reader): reader.totalBytes
        case .vectors(let reader): reader.totalBytes
        case .feed: nil
        }
    }

    /// What was passed over, a sentence each; whole when ``next()`` has returned nil.
    var notes: [String] {
        switch self {
        case .texts(let reader): reader.notes
        case .vectors, .feed: []
        }
    }

    /// The next document, or nil at the end.
    func next() throws -> CorpusDocument? {
        switch self {
        case .texts(let reader):
            var document = try reader.next()
            document?.path = reader.currentPath
            return document
        case .vectors(let reader): return try reader.next().map { CorpusDocument($0, path: reader.path) }
        case .feed(let feed):
            var document = try feed.next()
            document?.path = feed.name
            return document
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
