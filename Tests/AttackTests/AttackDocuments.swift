import ApusTestSupport
import Foundation

/// Made documents: a few words, each many times, so that topics find all of them and answers differ with any change.
struct AttackDocuments {
    private let kind: AttackCase.Kind
    private static let words =
        "river stone paper water light engine query index forest mountain model tree vector sparse wind garden".split(
            separator: " ")

    init(_ kind: AttackCase.Kind) { self.kind = kind }

    /// Writes documents `d<number>`; `version` makes other texts of the same ids.
    func write(_ numbers: Range<Int>, _ version: String, to path: String) throws {
        let lines = numbers.map { number in
            var random = SplitMix64(seed: UInt64(number) &* 31 &+ UInt64(version.utf8.reduce(0) { $0 &* 7 &+ Int($1) }))
            let chosen = (0..<Int.random(in: 5...11, using: &random)).map { _ in
                String(Self.words[Int.random(in: 0..<Self.words.count, using: &random)])
            }
            let text = (chosen + ["\(version)\(number)"]).joined(separator: " ")
            let year = #""year": \#(number % 10)"#
            guard kind == .vectors else {
                return #"{"_id": "d\#(number)", "title": "Title \#(number)", "text": "\#(text)", \#(year)}"#
            }
            let vector = Set(chosen).sorted().map { #""\#($0)": \#(Int.random(in: 1...30, using: &random)).5"# }
            let weights = vector.joined(separator: ", ")
            return #"{"id": "d\#(number)", "contents": "\#(text)", \#(year), "vector": {\#(weights)}}"#
        }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
    }

    /// Writes `topics.tsv`, and `queries.jsonl` for vectors.
    func writeTopics(to directory: String) throws {
        let topics = [
            "river stone", "paper water light", "engine", "forest mountain model tree",
            "vector sparse wind garden query",
        ]
        let lines = topics.enumerated().map { "\($0 + 1)\t\($1)\n" }.joined()
        try Data(lines.utf8).write(to: URL(fileURLWithPath: directory + "/topics.tsv"))
        let queries = topics.enumerated().map { number, topic in
            let vector = topic.split(separator: " ").map { #""\#($0)": 1.25"# }.joined(separator: ", ")
            return #"{"id": "\#(number + 1)", "vector": {\#(vector)}}"# + "\n"
        }
        try Data(queries.joined().utf8).write(to: URL(fileURLWithPath: directory + "/queries.jsonl"))
    }
}
