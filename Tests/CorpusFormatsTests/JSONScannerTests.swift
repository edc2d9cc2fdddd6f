import ApusTestSupport
import CorpusFormats
import Foundation
import Testing

/// The scanner accepts and returns what JSONSerialization does, for generated lines and for lines with one byte changed.
@Suite struct JSONScannerTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func randomDocumentsEqualJSONSerialization(seed: UInt64) throws {
        var maker = JSONMaker(seed: seed)
        let files = try TemporaryFiles()
        let lines = (0..<60).map { _ in maker.document() }
        let path = try files.write("a.jsonl", lines.joined(separator: seed % 2 == 0 ? "\n" : "\r\n"))
        let found = try documents(path)
        #expect(found.count == lines.count)
        for (document, line) in zip(found, lines) {
            let whole = try #require(JSONTwin(line), "\(line)")
            #expect(document.id == whole.id)
            #expect(same(document.text, whole.text), "\(line)")
            #expect(same(document.title, whole.title ?? ""), "\(line)")
            let metadata = try document.metadata.map {
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSDictionary
            }
            #expect(metadata ?? [:] == whole.others as NSDictionary, "\(line)")
        }
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func aChangedByteIsAcceptedOrRefusedAsByJSONSerialization(seed: UInt64) throws {
        var maker = JSONMaker(seed: seed &+ 1000)
        let files = try TemporaryFiles()
        let alphabet = Array("{}[]\",:\\/ubtn0123456789eE+-. \u{1}\tx".utf8)
        for _ in 0..<60 {
            var bytes = Array(maker.document(plain: true).utf8)
            for _ in 0..<Int.random(in: 1...2, using: &maker.random) {
                let place = Int.random(in: 0..<bytes.count, using: &maker.random)
                let byte = alphabet.randomElement(using: &maker.random) ?? 0
                switch Int.random(in: 0..<3, using: &maker.random) {
                case 0: bytes[place] = byte
                case 1: bytes.insert(byte, at: place)
                default: bytes.remove(at: place)
                }
            }
            let line = String(decoding: bytes, as: UTF8.self)
            let path = try files.write("a.jsonl", bytes)
            let found = try? documents(path, format: .jsonl)
            let expected = JSONTwin(line)
            #expect((found?.first != nil) == (expected != nil), "\(line)")
            if let document = found?.first, let expected {
                #expect(same(document.text, expected.text) && document.id == expected.id, "\(line)")
            }
        }
    }

    @Test(arguments: [
        (#"\ud83d\ude00"#, "😀"), (#"\uD834\uDD1E"#, "𝄞"), (#"\u00e9\u0301"#, "é\u{301}"), (#"\u0000"#, "\0"),
        (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"), ("\u{7f}é漢😀", "\u{7f}é漢😀"),
        (#"\uffff\uFEFF"#, "\u{ffff}\u{feff}"),
    ])
    func escapesAreReadWhereverTheyStand(escaped: String, plain: String) throws {
        let files = try TemporaryFiles()
        for before in 0..<20 {
            let (head, tail) = (String(repeating: "x", count: before), String(repeating: "y", count: before % 9))
            let path = try files.write("a.jsonl", #"{"_id":"1","text":"\#(head)\#(escaped)\#(tail)"}"#)
            let text = try documents(path).first?.text
            #expect(same(text ?? "", head + plain + tail))
        }
    }

    @Test func vectorsReadEveryWayToWriteANumber() throws {
        let texts = [
            "0", "1", "-0", "0.5", "1e3", "1E+3", "25e-1", "3.4028234e38", "123456789012345678", "0.1", "1e-45",
            "16777217",
        ]
        let members = texts.enumerated().map { "\"t\($0.offset)\": \($0.element)" }.joined(separator: " , ")
        let path = try TemporaryFiles().write("v.jsonl", "{\"vector\": {\(members)}, \"id\": \"1\", \"x\": [1, {}]}\n")
        let vector = try #require(try VectorReader(path: path).next())
        #expect(vector.weights.map(\.weight) == texts.map { Float(Double($0) ?? .nan) })
        #expect(vector.weights.map(\.term) == texts.indices.map { "t\($0)" })
        #expect(vector.contents == nil && vector.id == "1" && vector.line == 1)
    }

    /// Equal byte for byte; `==` would let canonically equivalent texts pass.
    private func same(_ first: String, _ second: String) -> Bool { first.utf8.elementsEqual(second.utf8) }
}
