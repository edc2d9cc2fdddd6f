import ApusTestSupport
import CorpusFormats
import Foundation
import Testing

/// Files of a folder say what others' readers find in them. Oracle: Scripts/oracles/folder-texts.
@Suite struct FolderTextTests {
    private struct Sample: Decodable {
        let name: String
        let bytes: Data
        let title: String
        let words: String
    }

    private static func samples() throws -> [Sample] {
        let path = TestPaths.fixtures + "/CorpusFormats/folder-texts.jsonl"
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Sample.self, from: Data($0.utf8))
        }
    }

    private func words(_ text: String) -> String {
        text.unicodeScalars.split { $0.properties.isWhitespace }.map { String($0) }.joined(separator: " ")
    }

    @Test(arguments: [".html", ".xhtml", ".htm", ".md", ".rst", ".eml"])
    func textsAreThoseOfTheOracle(ending: String) throws {
        let files = try TemporaryFiles()
        let samples = try Self.samples().filter { $0.name.hasSuffix(ending) }
        #expect(!samples.isEmpty)
        for sample in samples {
            let found = try #require(try documents(files.write(sample.name, sample.bytes)).first)
            let (title, text) = (found.title, words(found.text))
            #expect(
                title == sample.title && text == sample.words,
                "\(sample.name): \(String(decoding: sample.bytes, as: UTF8.self))")
        }
    }

    /// Whatever bytes a file has, it is read or refused, in time that grows as the file does.
    @Test func changedBytesAreReadOrRefused() throws {
        var random = SplitMix64(seed: 5)
        let files = try TemporaryFiles()
        let samples = try Self.samples()
        for round in 0..<600 {
            let sample = samples[Int.random(in: 0..<samples.count, using: &random)]
            var bytes = [UInt8](sample.bytes)
            for _ in 0..<Int.random(in: 1...4, using: &random) where bytes.count > 4 {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch round % 4 {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place...)
                case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
                default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
                }
            }
            let kinds = [sample.name, "x.html", "x.md", "x.rst", "x.eml", "x.txt"]
            let path = try files.write(kinds[round % kinds.count], bytes)
            let document = try? documents(path).first
            // It is text: no half letters.
            if let document { #expect(String(validating: document.text.utf8, as: UTF8.self) != nil) }
        }
    }

    /// What opens and never closes, two thousand times: no reader looks at it all for each.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ("html", "<p <!-- <a href='"), ("html", "<title><script><b>"), ("md", "[*_`(<"), ("md", "[a](b"),
            ("md", "![["),
            ("rst", "*a `b ``c |d "), ("rst", ":a:`b "), ("eml", "=?utf-8?q?"),
            ("eml", "Content-Type: multipart/mixed; boundary=a\n\n--a\n"),
        ])
    func hostileTextsTakeLinearTime(ending: String, piece: String) throws {
        let head = ending == "eml" ? "Subject: " : ""
        let text = head + String(repeating: piece, count: 2000)
        let files = try TemporaryFiles()
        let start = ContinuousClock.now
        _ = try? documents(files.write("x." + ending, text))
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}
