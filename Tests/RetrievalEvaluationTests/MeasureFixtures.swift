import ApusTestSupport
import ByteStrings
import Foundation
import RetrievalEvaluation

/// The files that Scripts/oracles/measures makes, read in the plainest way.
enum MeasureFixtures {
    static func rows(_ name: String) throws -> [[Substring]] {
        let path = TestPaths.fixtures + "/RetrievalEvaluation/" + name
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return text.split(separator: "\n").map { $0.split { $0 == " " || $0 == "\t" } }
    }

    static func qrels() throws -> Qrels {
        var qrels = Qrels()
        for row in try rows("qrels.txt") {
            qrels.grades[ByteString(String(row[0])), default: [:]][ByteString(String(row[2]))] = Int(row[3])
        }
        return qrels
    }

    static func run(_ tag: String) throws -> Run {
        var rankings: [ByteString: [ScoredDocument]] = [:]
        for row in try rows("run-\(tag).txt") {
            let document = ScoredDocument(id: String(row[2]), score: Double(row[4]) ?? .nan)
            rankings[ByteString(String(row[0])), default: []].append(document)
        }
        return Run(tag: tag, rankings: rankings)
    }
}
