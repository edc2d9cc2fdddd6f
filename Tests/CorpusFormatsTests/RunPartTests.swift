import ApusTestSupport
import ByteStrings
import Foundation
import RetrievalEvaluation
import Testing

@testable import CorpusFormats

/// A run that is read by parts is the run that is read from its beginning to its end.
@Suite struct RunPartTests {
    private func write(_ text: String) throws -> String {
        let path = try TestPaths.temporaryDirectory() + "/run"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func expectSame(_ text: String, _ parts: Int) throws {
        let path = try write(text)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let whole = try RunPart(ColumnFile(path: path))
        let joined = try #require(RunPart.readSideBySide(path, fewestBytes: 0, parts: parts))
        #expect(joined.queries == whole.queries)
        #expect(joined.rankings == whole.rankings)
        #expect(joined.tag == whole.tag && joined.comments == whole.comments)
        #expect(joined.layout?.format == whole.layout?.format)
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func partsMakeTheWhole(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        // A mark of the byte order, a header, carriage returns, quotes, blank lines, comments, no line feed at the end.
        let (mark, end) = (Bool.random(using: &random) ? "\u{FEFF}" : "", Bool.random(using: &random) ? "\r\n" : "\n")
        let quotes = Int.random(in: 0..<4, using: &random) == 0
        var lines: [String] = []
        if Bool.random(using: &random) { lines.append("qid iter docno rank sim run_id") }
        for _ in 0..<Int.random(in: 1...120, using: &random) {
            switch Int.random(in: 0..<12, using: &random) {
            case 0 where !quotes: lines.append("# a comment")
            case 1: lines.append("")
            default:
                // Queries come back now and then.
                let query = "q\(Int.random(in: 0..<9, using: &random))"
                let score = Double.random(in: -9...9, using: &random)
                let columns = [query, "Q0", "d\(lines.count)é", "1", "\(score)", "tag"]
                let text = columns.map { quotes ? "\"\($0)\"" : $0 }
                lines.append(text.joined(separator: Bool.random(using: &random) ? "\t" : "  "))
            }
        }
        if !lines.contains(where: { $0.contains("Q0") }) { lines.append("q Q0 d 1 2 tag") }
        if quotes { lines.removeAll { !$0.hasPrefix("\"") } }
        if lines.isEmpty { lines.append("q Q0 d 1 2 tag") }
        let text = mark + lines.joined(separator: end) + (Bool.random(using: &random) ? end : "")
        for parts in [2, 3, 7] { try expectSame(text, parts) }
    }

    /// What `<(command)` gives a program: what was read of it once is gone.
    @Test func aPipeWithANameIsReadOnce() throws {
        let path = try TestPaths.temporaryDirectory() + "/pipe"
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(mkfifo(path, 0o600) == 0)
        #expect(RunPart.readSideBySide(path, fewestBytes: 0, parts: 2) == nil)
        let writer = Thread { try? Data("q Q0 a 1 2 t\nq Q0 b 2 1 t\n".utf8).write(to: URL(fileURLWithPath: path)) }
        writer.start()
        #expect(try RunFile.read(path)["q"].map(\.id) == ["a", "b"])
    }

    @Test func mistakesAreCountedFromTheBeginning() throws {
        let lines = (1...300_000).map { "q\($0 / 1000) Q0 doc\($0) 1 \(300_000 - $0).5 tag" }
        for (place, line, message) in [
            (250_000, "q Q0 d 1 x tag", "line 250001"), (299_999, "q Q0 d", "line 300000"),
            (200_000, "q200 Q0 doc200000 1 1 tag", "line 200001: document 'doc200000' for query 'q200'"),
        ] {
            var changed = lines
            changed[place] = line
            let path = try write(changed.joined(separator: "\n"))
            defer { try? FileManager.default.removeItem(atPath: path) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count > RunPart.fewestBytes)
            let error = #expect(throws: FormatError.self) { try RunFile.read(path) }
            #expect("\(try #require(error))".contains(message), "\(String(describing: error))")
        }
    }
}
