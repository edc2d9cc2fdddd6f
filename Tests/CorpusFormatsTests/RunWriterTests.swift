import ApusTestSupport
import ByteStrings
import CorpusFormats
import Foundation
import RetrievalEvaluation
import Testing

@Suite struct RunWriterTests {
    @Test(arguments: 0..<60 as Range<UInt64>, ["run.txt", "run.txt.gz"])
    func everyReaderSeesTheOrderThatWasWritten(seed: UInt64, name: String) throws {
        var random = SplitMix64(seed: seed)
        let scales: [Double] = [1, 1e-3, 1e8, -1, 1e-40, 1e30, 1e-7]
        let scale: Double = scales.randomElement(using: &random) ?? 1
        let levels = [1, 2, 50, 1_000_000].randomElement(using: &random) ?? 1
        let count = Int.random(in: 0...300, using: &random)
        var scores = (0..<count).map { _ in scale * Double(Int.random(in: -levels...levels, using: &random)) }
        if Bool.random(using: &random) { scores.sort(by: >) }
        let ranking = scores.enumerated().map {
            ScoredDocument(id: "d\(random.next() % 9)-\($0.offset)", score: $0.element)
        }
        let path = try TemporaryFiles().folder + "/" + name
        let writer = try RunWriter(path: path, tag: "t")
        try writer.write(ranking, for: "q")
        try writer.write([], for: "empty")
        #expect(!FileManager.default.fileExists(atPath: path))
        try writer.close()
        let run = try RunFile.read(path)
        #expect(run["q"].map(\.id) == ranking.map(\.id))
        #expect(
            zip(run["q"], run["q"].dropFirst()).allSatisfy { $0.score > $1.score && Float($0.score) > Float($1.score) })
        #expect(run["q"].allSatisfy { !Float($0.score).isSubnormal })
        if name.hasSuffix("txt"), count > 0 {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.split(separator: "\n").count == count)
            #expect(text.hasPrefix("q Q0 \(ranking[0].id) 1 ") && text.hasSuffix(" t\n"))
        }
    }

    @Test func scoresThatDecreaseAreKept() {
        #expect(RunWriter.strictlyDecreasing([3, 2.5, 0, -1]) == [3, 2.5, 0, -1])
        #expect(RunWriter.strictlyDecreasing([1, 1, 1]) == [1, Float(1).nextDown, Float(1).nextDown.nextDown])
        #expect(RunWriter.strictlyDecreasing([0, 0]) == [0, -Float.leastNormalMagnitude])
        #expect(RunWriter.strictlyDecreasing([1, 2]) == [1, Float(1).nextDown])
        #expect(RunWriter.strictlyDecreasing([]) == [])
    }

    @Test func aRankingThatCannotBeReadBackIsRefused() throws {
        let folder = try TemporaryFiles().folder
        let writer = try RunWriter(path: folder + "/r", tag: "t")
        for score in [Double.nan, .infinity, 1e39, -1e39] {
            #expect(throws: FormatError.self) { try writer.write([ScoredDocument(id: "a", score: score)], for: "q") }
        }
        #expect(throws: FormatError.self) { try writer.write([ScoredDocument(id: "a b", score: 1)], for: "q") }
        #expect(throws: FormatError.self) { try writer.write([ScoredDocument(id: "a", score: 1)], for: "") }
        #expect(throws: FormatError.self) { _ = try RunWriter(path: folder + "/s", tag: "my tag") }
        #expect(throws: FormatError.io(path: folder + "/no/r", operation: "create", code: 2)) {
            _ = try RunWriter(path: folder + "/no/r", tag: "t")
        }
    }

    @Test func anAbandonedRunLeavesNothingBehind() throws {
        let folder = try TemporaryFiles().folder
        do {
            let writer = try RunWriter(path: folder + "/r", tag: "t")
            try writer.write([ScoredDocument(id: "a", score: 1)], for: "q")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
}
