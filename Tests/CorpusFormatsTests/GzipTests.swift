import CorpusFormats
import Foundation
import Glibc
import Testing

/// Compressed files are read like plain ones, whatever they are called; damage is said.
@Suite struct GzipTests {
    private let text = (0..<30_000).map { "d\($0)\ttext number \($0 % 977) of many\n" }.joined()

    @Test func aCompressedFileReadsAsAPlainOne() throws {
        let files = try TemporaryFiles()
        let plain = try documents(files.write("a.tsv", text))
        #expect(plain.count == 30_000)
        for name in ["a.tsv.gz", "misnamed.tsv"] {
            let path = try files.write(name, files.gzipped(text))
            let reader = try CorpusReader(path: path)
            var found: [CorpusDocument] = []
            while let document = try reader.next() { found.append(document) }
            #expect(found == plain)
            #expect(reader.bytesRead == reader.totalBytes)
        }
    }

    @Test func membersInARowAndZeroPaddingAreOneFile() throws {
        let files = try TemporaryFiles()
        let bytes = try files.gzipped("d1\tone\nd2\ttw") + files.gzipped("") + files.gzipped("o\nd3\tthree")
        let found = try documents(files.write("a.tsv.gz", bytes + [UInt8](repeating: 0, count: 700)))
        #expect(found.map(\.text) == ["one", "two", "three"])
        let empty = try files.write("empty.tsv.gz", files.gzipped(""))
        #expect(throws: FormatError.nothing(path: empty, what: "documents", found: "it is empty")) {
            _ = try documents(empty)
        }
    }

    @Test func everyTruncationIsRefused() throws {
        let files = try TemporaryFiles()
        let whole = try files.gzipped("d1\tone\nd2\ttwo\n")
        for length in 2..<whole.count {
            let path = try files.write("a.tsv.gz", whole[..<length])
            #expect(throws: FormatError.truncatedGzip(path: path), "cut at \(length)") { _ = try documents(path) }
        }
    }

    @Test func damageIsRefused() throws {
        let files = try TemporaryFiles()
        var bytes = try files.gzipped(text)
        let garbage = try files.write("behind.tsv.gz", bytes + Array("xyz".utf8))
        bytes[bytes.count - 6] ^= 1  // the checksum
        let checksum = try files.write("sum.tsv.gz", bytes)
        for path in [garbage, checksum] {
            let error = #expect(throws: FormatError.self) { _ = try documents(path) }
            guard case .damagedGzip = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    /// The only test that touches descriptor 0.
    @Test func standardInputIsAFileToo() throws {
        let files = try TemporaryFiles()
        let kept = dup(0)
        defer {
            dup2(kept, 0)
            close(kept)
        }
        func redirect(_ path: String) {
            let descriptor = unsafe open(path, O_RDONLY)
            dup2(descriptor, 0)
            close(descriptor)
        }
        redirect(try files.write("plain", #"{"id":"1","contents":"a"}"#))
        let reader = try CorpusReader(path: "-")
        #expect(reader.format == .jsonl)
        #expect(try reader.next()?.text == "a")
        redirect(try files.write("packed", files.gzipped("q1\twhat\n")))
        #expect(try Topics.read("-") == [Topic(id: "q1", text: "what")])
        redirect(try files.write("broken", "q1 Q0 d1 1 x t\n"))
        let error = #expect(throws: FormatError.self) { _ = try RunFile.read("-") }
        #expect(error?.description == "standard input line 1: the score 'x' is not a usable number.")
    }
}
