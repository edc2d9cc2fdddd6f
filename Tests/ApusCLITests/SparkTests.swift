import ApusTestSupport
import Foundation
import Testing

enum PySpark {
    /// A Python that has pyspark, where there is Java too.
    static let python: String? = {
        let named = ProcessInfo.processInfo.environment["APUS_SPARK_PYTHON"]
        let found = named ?? "python3"
        let check = try? CommandLineTool.shell("command -v java && \"$1\" -c 'import pyspark'", found)
        return check?.code == 0 ? found : nil
    }()
}

/// `Scripts/spark/apus-spark`, on Spark in one process (a cluster takes half a minute to start): what it builds and what it finds is
/// what one machine does.
@Suite(
    .enabled(if: PySpark.python != nil, "no Python with pyspark here (APUS_SPARK_PYTHON names one), or no Java"),
    .serialized)
struct SparkTests {
    private static func spark(_ arguments: [String], flags: [String], apus: String = CommandLineTool.path) throws
        -> CommandLineTool.Result
    {
        let own =
            [TestPaths.root + "/Scripts/spark/apus-spark"] + arguments + ["--master", "local[2]", "--apus", apus, "--"]
            + flags
        let command = ([PySpark.python ?? "python3"] + own).map { "'\($0)'" }.joined(separator: " ")
        return try CommandLineTool.shell(command)
    }

    private static func lines(_ count: Int) -> [String] {
        var random = SplitMix64(seed: 4)
        let words = ["river", "stone", "paper", "water", "light", "engine", "forest", "wind"]
        return (0..<count).map { number in
            let text = (0..<Int.random(in: 1...9, using: &random)).map { _ in words.randomElement(using: &random) ?? ""
            }
            let vector = Dictionary(
                (0..<4).map { _ in
                    (words.randomElement(using: &random) ?? "", Double.random(in: 0.1...3, using: &random))
                }
            ) { $1 }.sorted { $0.key < $1.key }
            let terms = vector.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
            return #"{"id": "d\#(number)", "contents": "\#(text.joined(separator: " "))", "vector": {\#(terms)}}"#
        }
    }

    @Test func aCorpusInPiecesIsTheIndexOfOneMachine() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = { (name: String) in directory + "/" + name }
        try Self.lines(400).joined(separator: "\n").write(toFile: path("in.jsonl"), atomically: true, encoding: .utf8)
        let single = try CommandLineTool.run("index", path("in.jsonl"), "--vectors", "-o", path("one"), "-t", "1")
        #expect(single.code == 0)
        let built = try Self.spark(
            ["index", path("in.jsonl"), "-o", path("many"), "--documents", "90", "--keep-work"],
            flags: ["--vectors", "-t", "1"])
        try #require(built.code == 0, "\(built.error)")
        #expect(try CommandLineTool.run("check", path("many"), "--deep").code == 0)
        let topics = (0..<8).map { "q\($0)\t" + ["river stone", "paper light wind", "engine"][$0 % 3] }
        try topics.joined(separator: "\n").write(toFile: path("t.tsv"), atomically: true, encoding: .utf8)
        let vectors = (0..<8).map {
            #"{"id": "q\#($0)", "vector": {"river": 1.5, "wind": 0.2, "engine": 0.\#($0 + 1)}}"#
        }
        try vectors.joined(separator: "\n").write(toFile: path("v.jsonl"), atomically: true, encoding: .utf8)
        let flags = ["--query-vectors", path("v.jsonl"), "--mode", "hybrid"]
        for index in ["one", "many"] {
            let found = try CommandLineTool.run(
                ["search", path(index), "--topics", path("t.tsv"), "-o", path(index + ".run"), "-k", "50"] + flags)
            #expect(found.code == 0, "\(found.error)")
        }
        let expected = try Data(contentsOf: URL(fileURLWithPath: path("one.run")))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path("many.run"))) == expected)
        // The parts are shards, searched apart.
        let parts = try FileManager.default.contentsOfDirectory(atPath: path("many.work/parts")).sorted()
        #expect(parts.count == 5)
        let searched = try Self.spark(
            ["search"] + parts.map { path("many.work/parts/" + $0) }
                + ["--topics", path("t.tsv"), "-o", path("spark.run"), "-k", "50", "--topics-per-task", "3"],
            flags: flags)
        try #require(searched.code == 0, "\(searched.error)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: path("spark.run"))) == expected)
    }

    /// The line is named as it stands in the corpus; mended, the job goes on with what was finished.
    @Test func aBadLineEndsTheJobAndIsNamed() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = { (name: String) in directory + "/" + name }
        var lines = Self.lines(60)
        lines[44] = #"{"id": "d44", "contents": 7"#
        try lines.joined(separator: "\n").write(toFile: path("in.jsonl"), atomically: true, encoding: .utf8)
        let built = try Self.spark(
            ["index", path("in.jsonl"), "-o", path("many"), "--documents", "20"],
            flags: ["--vectors", "--learned-scale", "80", "-t", "1"])
        #expect(built.code == 1)
        #expect(built.error.contains("'\(path("in.jsonl"))' line 45"), "\(built.error)")
        #expect(!FileManager.default.fileExists(atPath: path("many")))
        #expect(try FileManager.default.contentsOfDirectory(atPath: path("many.work/attempts")).isEmpty)
        // Mended, the job goes on; what was finished of the other pieces is kept.
        let kept = try FileManager.default.contentsOfDirectory(atPath: path("many.work/parts")).count
        try Self.lines(60).joined(separator: "\n").write(toFile: path("in.jsonl"), atomically: true, encoding: .utf8)
        let mended = try Self.spark(
            ["index", path("in.jsonl"), "-o", path("many"), "--documents", "20"],
            flags: ["--vectors", "--learned-scale", "80", "-t", "1"])
        #expect(mended.code == 0 && mended.output.contains("'kept': \(kept)"), "\(mended.error) \(mended.output)")
        #expect(try CommandLineTool.run("stats", path("many"), "--json").output.contains("\"documents\" : 60"))
    }
}
