import Apus
import ApusTestSupport
import Foundation

/// A random collection with words, learned terms and metadata, indexed as a whole and in parts.
struct PartedCollection {
    let directory: String
    let whole: String
    let parts: [String]
    let ids: [String]

    private static let words =
        "river stone paper water light engine query index forest mountain model tree vector sparse wind garden".split(
            separator: " "
        ).map(String.init)

    /// - Parameter scales: The learned scale of each part; that of the whole is the first one's.
    init(seed: UInt64, documents: Int, scales: [Float]) async throws {
        var random = SplitMix64(seed: seed)
        directory = try TestPaths.temporaryDirectory()
        whole = directory + "/whole"
        var lines: [String] = []
        var ids: [String] = []
        for number in 0..<documents {
            let text = (0..<Int.random(in: 0...9, using: &random)).map { _ in Self.word(&random) }
            var vector: [String: Int] = [:]
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                vector[Self.word(&random)] = [1, 2, 3, 40, 255].randomElement(using: &random)
            }
            let terms = vector.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
            ids.append("d\(number)")
            lines.append(
                #"{"id": "d\#(number)", "contents": "\#(text.joined(separator: " "))", "#
                    + #""year": \#(Int.random(in: 1990..<2000, using: &random)), "vector": {\#(terms.joined(separator: ", "))}}"#
            )
        }
        self.ids = ids
        try await Self.build(lines, at: whole, scale: scales[0], in: directory)
        var parts: [String] = []
        for (number, scale) in scales.enumerated() {
            parts.append(directory + "/part\(number)")
            let own = lines.enumerated().filter { $0.offset % scales.count == number }.map(\.element)
            try await Self.build(own, at: parts[number], scale: scale, in: directory)
        }
        self.parts = parts
    }

    static func word(_ random: inout SplitMix64) -> String {
        let x = Double.random(in: 0..<1, using: &random)
        return words[Int(x * x * Double(words.count))]
    }

    static func build(
        _ lines: [String], at index: String, scale: Float? = nil, in directory: String,
        _ change: (inout IndexBuilder) -> Void = { _ in }
    ) async throws {
        let input = directory + "/in.jsonl"
        try lines.joined(separator: "\n").write(toFile: input, atomically: true, encoding: .utf8)
        var builder = IndexBuilder(directory: index)
        builder.importsVectors = true
        builder.learnedScale = scale
        builder.threads = 1
        change(&builder)
        _ = try await builder.build(from: [input])
    }

    /// Removes all of it.
    func remove() { try? FileManager.default.removeItem(atPath: directory) }
}
