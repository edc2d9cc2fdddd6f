import ApusTestSupport
import Foundation
import InvertedIndex

/// A small random index on disk with its naive twin. Impacts and frequencies take few values, so that ties are common.
struct RandomIndex {
    let directory: String
    let snapshot: IndexSnapshot
    let naive: NaiveIndex
    let vocabulary: [String]

    init(
        seed: UInt64, documents: Int, terms: Int, segments: Int, merged: Bool = false,
        profile: IndexProfile = .standard, storesVectors: Bool = false,
        impacts: [UInt32] = [1, 2, 3, 40, 255], scale: Float = 1, firstID: Int = 0,
        keeping isKept: (String) -> Bool = { _ in true }
    ) async throws {
        var random = SplitMix64(seed: seed)
        let vocabulary = (0..<terms).map { "t\($0)" }
        let directory = try TestPaths.temporaryDirectory()
        (self.vocabulary, self.directory) = (vocabulary, directory)
        var options = IndexOptions()
        options.learnedScale = scale
        options.profile = profile
        options.storesVectors = storesVectors
        // Small segments have what the window traversal reads of frequent lists only where they are told to.
        let fewest = seed % 4 == 3 ? FrequentWriter.fewestDocuments : 0
        (snapshot, naive) = try await FrequentWriter.$fewestDocuments.withValue(fewest) {
            let writer = try IndexWriter.create(at: directory, options: options, vocabulary: vocabulary)
            var naive: [NaiveIndex.Document] = []
            let ids = (0..<documents).map { "d\(firstID + $0)" }.shuffled(using: &random)
            for (number, id) in ids.enumerated() {
                var words: [String] = []
                for _ in 0..<Int.random(in: 0...60, using: &random) {
                    // Squared, so that low terms are frequent.
                    let x = Double.random(in: 0..<1, using: &random)
                    words.append("w\(Int(x * x * Double(terms)))")
                }
                var vector: [String: UInt32] = [:]
                for term in 0..<terms where Double.random(in: 0..<1, using: &random) < 3.0 / Double(term + 3) {
                    vector["t\(term)"] = impacts.randomElement(using: &random)
                }
                guard isKept(id) else { continue }
                naive.append(.init(id: id, words: words, vector: vector))
                let used = vector.sorted { $0.key < $1.key }
                var bytes: [UInt8] = []
                var ends: [Int32] = []
                for word in words {
                    bytes.append(contentsOf: word.utf8)
                    ends.append(Int32(bytes.count))
                }
                try await writer.add([
                    IndexDocument(
                        id: id, wordBytes: bytes, wordEnds: ends,
                        terms: used.compactMap { UInt32($0.key.dropFirst()) },
                        weights: used.map { Float($0.value) / scale })
                ])
                if segments > 1, number % max(1, documents / segments) == 0 { try await writer.commit() }
            }
            if merged { try await writer.merge(to: 1) }
            return (try await writer.commit(), NaiveIndex(documents: naive))
        }
    }

    private init(_ index: RandomIndex, _ snapshot: IndexSnapshot, _ naive: NaiveIndex) {
        directory = index.directory
        vocabulary = index.vocabulary
        self.snapshot = snapshot
        self.naive = naive
    }

    /// The same index after these documents were deleted from it.
    func deleting(_ ids: [String]) async throws -> RandomIndex {
        let writer = try IndexWriter.open(at: directory, vocabulary: vocabulary)
        try await writer.delete(ids)
        let gone = Set(ids)
        return RandomIndex(
            self, try await writer.commit(),
            NaiveIndex(documents: naive.documents.filter { !gone.contains($0.id) }))
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
