import ApusTestSupport
import Foundation
import InvertedIndex

/// A small random index whose documents have passages, beside its twin by definition: an index of which every passage is a document, with
/// all words of the document that it is of.
struct PassageIndex {
    struct Document {
        let id: String
        let words: [String]
        let passages: [[String: UInt32]]
    }

    let directory: String
    let twinDirectory: String
    let documents: [Document]
    let vocabulary: [String]
    private(set) var snapshot: IndexSnapshot
    private(set) var twin: IndexSnapshot

    init(
        seed: UInt64, documents count: Int, terms: Int, segments: Int = 1, reordered: Bool = false,
        storesVectors: Bool = false, scale: Float = 1, firstID: Int = 0, most: Int = 6
    ) async throws {
        var random = SplitMix64(seed: seed)
        vocabulary = (0..<terms).map { "t\($0)" }
        var made: [Document] = []
        for id in (0..<count).map({ "d\(firstID + $0)" }).shuffled(using: &random) {
            let words = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                "w\(Int(pow(Double.random(in: 0..<1, using: &random), 2) * Double(terms)))"
            }
            let passages = (0..<Int.random(in: 1...most, using: &random)).map { _ in
                var vector: [String: UInt32] = [:]
                for term in 0..<terms where Double.random(in: 0..<1, using: &random) < 2.0 / Double(term + 3) {
                    vector["t\(term)"] = [1, 2, 3, 40, 255].randomElement(using: &random)
                }
                return vector
            }
            made.append(Document(id: id, words: words, passages: passages))
        }
        documents = made
        directory = try TestPaths.temporaryDirectory()
        twinDirectory = try TestPaths.temporaryDirectory()
        var options = IndexOptions()
        (options.learnedScale, options.storesVectors) = (scale, storesVectors)
        let writer = try IndexWriter.create(at: directory, options: options, vocabulary: vocabulary)
        for (number, document) in made.enumerated() {
            try await writer.add([Self.indexed(document, scale)])
            if segments > 1, number % max(1, count / segments) == 0 { try await writer.commit() }
        }
        if reordered { try await writer.merge(to: 1) }
        snapshot = try await writer.commit()
        options.storesVectors = false
        let other = try IndexWriter.create(at: twinDirectory, options: options, vocabulary: vocabulary)
        for document in made {
            for (place, passage) in document.passages.enumerated() {
                let alone = Document(id: "\(document.id)#\(place)", words: document.words, passages: [passage])
                try await other.add([Self.indexed(alone, scale)])
            }
        }
        twin = try await other.commit()
    }

    static func indexed(_ document: Document, _ scale: Float) -> IndexDocument {
        var (bytes, ends): ([UInt8], [Int32]) = ([], [])
        for word in document.words {
            bytes.append(contentsOf: word.utf8)
            ends.append(Int32(bytes.count))
        }
        var made = IndexDocument(id: document.id, wordBytes: bytes, wordEnds: ends, terms: [], weights: [])
        let passages = document.passages.enumerated().map { place, vector in
            let used = vector.sorted { $0.key < $1.key }
            return IndexPassage(
                terms: used.compactMap { UInt32($0.key.dropFirst()) }, weights: used.map { Float($0.value) / scale },
                bytes: 10 * place..<10 * place + 10)
        }
        if passages.count > 1 {
            made.passages = passages
        } else {
            (made.terms, made.weights) = (passages[0].terms, passages[0].weights)
        }
        return made
    }

    func remove() {
        for path in [directory, twinDirectory] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Deletes documents from both.
    mutating func delete(_ ids: Set<String>, merging: Bool) async throws {
        let writer = try IndexWriter.open(at: directory, vocabulary: vocabulary)
        try await writer.delete(Array(ids))
        if merging { try await writer.merge(to: 1) }
        snapshot = try await writer.commit()
        let other = try IndexWriter.open(at: twinDirectory, vocabulary: vocabulary)
        let gone = documents.filter { ids.contains($0.id) }
        try await other.delete(gone.flatMap { document in document.passages.indices.map { "\(document.id)#\($0)" } })
        twin = try await other.commit()
    }

    /// A query of 1 to 8 terms, some of them unknown or repeated.
    func query(_ field: Field, _ random: inout SplitMix64) -> Query {
        let terms = (0..<Int.random(in: 1...8, using: &random)).map { _ in
            let number = Int.random(in: 0..<(vocabulary.count + 2), using: &random)
            let weight = field == .text ? 1 : Float([0.25, 0.5, 1, 3].randomElement(using: &random) ?? 1)
            return QueryTerm(term: (field == .text ? "w" : "t") + "\(number)", weight: weight)
        }
        return Query(field: field, terms: terms)
    }
}

/// What scoring every passage of every document gives: the best passage of each, then the documents in order.
struct PassageRanking: Equatable {
    let id: String
    let rawScore: UInt32
    let passage: Int?

    /// - Parameters:
    ///   - hits: Those of the twin, all of them.
    ///   - matching: Those of the learned terms alone: where there are none, no passage has scored.
    ///   - passages: How many each document has.
    static func best(_ hits: [Hit], matching: [Hit], passages: [String: Int]) -> [PassageRanking] {
        let learned = Set(matching.map { $0.id.prefix { $0 != "#" } })
        var best: [String: (score: UInt32, passage: Int)] = [:]
        for hit in hits {
            let parts = hit.id.split(separator: "#")
            guard parts.count == 2, let passage = Int(parts[1]) else { continue }
            let (id, found) = (String(parts[0]), best[String(parts[0])])
            guard found.map({ (hit.rawScore, $0.passage) > ($0.score, passage) }) ?? true else { continue }
            best[id] = (hit.rawScore, passage)
        }
        return best.map { id, found in
            PassageRanking(
                id: id, rawScore: found.score,
                passage: passages[id] ?? 0 > 1 && learned.contains(id[...]) ? found.passage + 1 : nil)
        }
        .sorted { a, b in
            a.rawScore != b.rawScore ? a.rawScore > b.rawScore : b.id.utf8.lexicographicallyPrecedes(a.id.utf8)
        }
    }

    static func of(_ hits: [Hit]) -> [PassageRanking] {
        hits.map { PassageRanking(id: $0.id, rawScore: $0.rawScore, passage: $0.passage?.number) }
    }
}
