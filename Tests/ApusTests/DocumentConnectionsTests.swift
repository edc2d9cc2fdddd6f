import Apus
import ApusTestSupport
import ByteStrings
import Dispatch
import Foundation
import Synchronization
import Testing

/// Texts that many threads read at once are those that were written, whatever becomes of the file after it was opened.
@Suite struct DocumentConnectionsTests {
    @Test(arguments: [false, true])
    func manyThreadsReadAtOnce(isGone: Bool) async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let texts = Dictionary(
            uniqueKeysWithValues: (0..<3000).map { number in
                ("d\(number)", String(repeating: "text \(number), ", count: 10 + number % 40))
            })
        let lines = texts.map { #"{"_id":"\#($0.key)","text":"\#($0.value)"}"# }
        try lines.joined(separator: "\n").write(toFile: directory + "/in.jsonl", atomically: true, encoding: .utf8)
        var builder = IndexBuilder(directory: directory + "/index")
        builder.model = ModelChoice.none
        _ = try await builder.build(from: [directory + "/in.jsonl"])
        let index = try SearchIndex(directory + "/index")
        #expect(try index.documents.documents(["d7", "none"]).keys.map(\.string) == ["d7"])
        let names = try FileManager.default.contentsOfDirectory(atPath: directory + "/index")
        let files = names.filter { $0.hasSuffix(".sqlite") }
        #expect(!files.isEmpty)
        if isGone { for name in files { try FileManager.default.removeItem(atPath: directory + "/index/" + name) } }
        let wrong = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 12) { thread in
            var random = SplitMix64(seed: UInt64(thread))
            for _ in 0..<40 {
                let ids = (0..<20).map { _ in "d\(Int.random(in: 0..<3000, using: &random))" }
                do {
                    let found = try index.documents.documents(ids)
                    let differing = ids.filter { found[ByteString($0)]?.text != texts[$0] }
                    if !differing.isEmpty { wrong.withLock { $0 += differing } }
                } catch {
                    wrong.withLock { $0.append("\(error)") }
                }
            }
        }
        let found = wrong.withLock { $0 }
        #expect(found.isEmpty)
    }
}
