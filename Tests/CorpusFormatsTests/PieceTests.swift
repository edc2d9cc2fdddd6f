import CorpusFormats
import Foundation
import Testing

/// Lines that come piece by piece are those of a file, wherever the pieces end.
@Suite struct PieceTests {
    private static let text = """
        {"_id": "a", "text": "Ünïcödé 😀", "year": 1}

        {"_id": "b", "title": "T", "text": "second"}
        {"_id": "c", "text": "last"}
        """

    private func pieces(_ size: Int, of text: String) -> () throws(FormatError) -> [UInt8]? {
        var rest = Array(text.utf8)[...]
        var isEmpty = false
        return { () throws(FormatError) -> [UInt8]? in
            // An empty piece is no end.
            isEmpty.toggle()
            if isEmpty { return [] }
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.dropFirst(size) }
            return Array(rest.prefix(size))
        }
    }

    @Test(arguments: [1, 2, 3, 7, 50, 1000])
    func documentsAreThoseOfAFile(size: Int) throws {
        let path = try TemporaryFiles().write("c.jsonl", Self.text)
        let (file, own) = (try CorpusReader(path: path), CorpusReader(name: path, pieces: pieces(size, of: Self.text)))
        var count = 0
        while let expected = try file.next() {
            let found = try own.next()
            #expect(found == expected)
            count += 1
        }
        #expect(try own.next() == nil)
        #expect(count == 3)
    }

    @Test(arguments: [1, 5, 1000])
    func aBadLineIsNamedByItsNumber(size: Int) throws {
        let reader = CorpusReader(name: "documents", pieces: pieces(size, of: Self.text + "\n{\"_id\": \"d\"}\n"))
        for _ in 0..<3 { _ = try reader.next() }
        let error = #expect(throws: FormatError.self) { try reader.next() }
        #expect("\(try #require(error))".hasPrefix("'documents' line 5: the object has no member"))
    }

    @Test func vectorsComeInPiecesToo() throws {
        let text = #"{"id": "a", "vector": {"x": 1.5}}"# + "\n" + #"{"id": "b", "indices": [3], "values": [2]}"#
        let reader = VectorReader(name: "vectors", pieces: pieces(4, of: text))
        let first = try reader.next()
        #expect(first?.id == "a" && first?.weights.map(\.term) == ["x"])
        let second = try reader.next()
        #expect(second?.id == "b" && second?.weights.map(\.term) == ["3"] && second?.line == 2)
        #expect(try reader.next() == nil)
    }

    @Test func whatGivesAPieceMayFail() {
        let reader = CorpusReader(name: "documents") { () throws(FormatError) -> [UInt8]? in
            throw .io(path: "documents", operation: "read", code: 5)
        }
        #expect(throws: FormatError.io(path: "documents", operation: "read", code: 5)) { try reader.next() }
    }
}
