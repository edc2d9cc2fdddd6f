import Apus
import ApusTestSupport
import Foundation
import LearnedEncoder

/// Random texts of few words, and indexes of them whose passages stay apart.
struct PassageCollection {
    let directory: String
    static let split = PassageSplit(length: 8, stride: 4, aggregate: .best)
    private static let vocabulary = ["cat", "mat", "water", "heart", "light", "dog", "stone", "river"]

    init() throws { directory = try TestPaths.temporaryDirectory() }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    static func texts(_ count: Int, seed: UInt64) -> [(id: String, text: String)] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { number in
            let words = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                (vocabulary.randomElement(using: &random) ?? "")
                    + (Int.random(in: 0..<5, using: &random) == 0 ? "," : "")
            }
            return ("d\(number)", words.joined(separator: " "))
        }
    }

    func build(
        _ texts: [(id: String, text: String)], at index: String, _ existing: IndexBuilder.Existing = .refuse,
        pruning: StaticPruning = StaticPruning()
    ) async throws {
        let lines = texts.map { #"{"_id": "\#($0.id)", "title": "", "text": "\#($0.text)"}"# }
        let path = directory + "/corpus.jsonl"
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
        var builder = IndexBuilder(directory: index)
        builder.existing = existing
        (builder.pruning, builder.threads) = (pruning, 2)
        if existing == .refuse {
            builder.model = .folder(TestPaths.fixtures + "/LearnedEncoder/bert-max")
            builder.passages = Self.split
            builder.learnedScale = 40
        }
        _ = try await builder.build(from: [path])
    }
}
