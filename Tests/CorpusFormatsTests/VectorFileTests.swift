import ApusTestSupport
import CorpusFormats
import Foundation
import Testing

/// Vectors as scipy, numpy, msgpack and other engines write them: every form says the same, and what is wrong is told.
@Suite struct VectorFileTests {
    private let fixtures = TestPaths.fixtures + "/Exchange/"

    private func read(
        _ path: String, _ vocabulary: VectorVocabulary? = nil, ids: [String]? = nil
    ) throws -> [TermVector] {
        let reader = try VectorReader(path: path, vocabulary: vocabulary, ids: ids)
        var vectors: [TermVector] = []
        while let vector = try reader.next() { vectors.append(vector) }
        return vectors
    }

    private func weights(_ vector: TermVector) -> [String: Float] {
        Dictionary(uniqueKeysWithValues: vector.weights.map { ($0.term, $0.weight) })
    }

    /// Scripts/oracles/exchange-files.
    private func expected() throws -> [[String: Float]] {
        try JSONDecoder().decode(
            [[String: Float]].self, from: Data(contentsOf: URL(fileURLWithPath: fixtures + "vectors.json")))
    }

    @Test(arguments: ["csr.npz", "csr-stored.npz", "coo.npz"])
    func matricesOfScipyAreRead(name: String) throws {
        let found = try read(fixtures + name)
        #expect(try found.map(weights) == expected())
        #expect(found.map(\.id) == (0..<9).map(String.init))
        #expect(try read(fixtures + name, ids: (0..<9).map { "id\($0)" }).map(\.id) == (0..<9).map { "id\($0)" })
    }

    /// Half precision keeps eleven bits.
    @Test func arraysOfNumpyBringTheirIDs() throws {
        let found = try read(fixtures + "arrays.npz")
        #expect(found.map(\.id) == (0..<9).map { "d\($0)-é" })
        for (vector, wanted) in zip(found.map(weights), try expected()) {
            #expect(Set(vector.keys) == Set(wanted.keys))
            for (term, weight) in vector { #expect(abs(weight - (wanted[term] ?? 0)) < 0.002) }
        }
        let triples = try read(fixtures + "triples.npz")
        #expect(triples.map(\.id) == (100..<109).map(String.init))
        #expect(
            triples.flatMap { $0.weights.map(\.weight) }
                == (1...triples.reduce(0) { $0 + $1.weights.count }).map { Float($0) })
    }

    @Test(arguments: ["vocabulary.txt", "vocabulary.json", "map.json"])
    func numbersGetTheirNames(name: String) throws {
        let vocabulary = try VectorVocabulary(path: fixtures + name)
        #expect(vocabulary.count == 40 && vocabulary.name(of: 7) == "term7" && vocabulary.name(of: 40) == nil)
        // Column 250,001 has no name.
        let files = try TemporaryFiles()
        let lines = try files.write("v.jsonl", "{\"id\":\"a\",\"vector\":{\"3\":2,\"39\":1}}\n")
        #expect(weights(try read(lines, vocabulary)[0]) == ["term3": 2, "term39": 1])
        let error = #expect(throws: FormatError.self) { try read(fixtures + "arrays.npz", vocabulary) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("250001"))
    }

    @Test func linesHaveSeveralForms() throws {
        let files = try TemporaryFiles()
        let lines = try files.write(
            "v.jsonl",
            """
            {"id":"a","vector":{"indices":[3,70000],"values":[1.5,2]}}
            {"id":"b","indices":[3],"values":[4],"year":7}
            {"id":"c","sparse_embedding":{"x":1},"embedding":[0.5,0.25]}
            {"id":"d","vector":{"indices":2,"values":3}}
            {"index":{"_id":"e"}}
            {"vector":{"x":9}}
            {"index":{"_id":"f"}}
            {"id":"g","vector":{}}

            """)
        let found = try read(lines)
        #expect(found.map(\.id) == ["a", "b", "c", "d", "e", "g"])
        #expect(
            found.map(weights)
                == [["3": 1.5, "70000": 2], ["3": 4], ["x": 1], ["indices": 2, "values": 3], ["x": 9], [:]])
        #expect(found[1].metadata == "{\"year\":7}" && found[2].metadata == "{\"embedding\":[0.5,0.25]}")
    }

    /// As in BEIR; Anserini's `contents` has all of a document, whatever the order of the members.
    @Test func aTitleStandsBesideAText() throws {
        let lines = try TemporaryFiles().write(
            "v.jsonl",
            """
            {"id":"a","title":"T","text":"x","vector":{"x":1},"year":7}
            {"id":"b","vector":{"x":1},"title":"T"}
            {"id":"c","title":"T","contents":"T x","vector":{"x":1}}
            {"id":"d","contents":"T x","vector":{"x":1},"title":"T"}
            {"id":"e","title":"T","text":"x","content":"T x","vector":{"x":1}}
            {"id":"f","title":7,"text":"x","vector":{"x":1}}
            {"id":"g","title":null,"text":"x","vector":{"x":1}}

            """)
        let found = try read(lines)
        #expect(found.map(\.title) == ["T", "T", "", "", "", "", ""])
        #expect(found.map(\.contents) == ["x", nil, "T x", "T x", "T x", "x", "x"])
        let metadata = [#"{"year":7}"#, nil, #"{"title":"T"}"#, #"{"title":"T"}"#, #"{"text":"x","title":"T"}"#]
        #expect(found.map(\.metadata) == metadata + [#"{"title":7}"#, #"{"title":null}"#])
        let twice = try TemporaryFiles().write("v.jsonl", #"{"id":"a","title":"T","title":"U","vector":{}}"# + "\n")
        #expect(throws: FormatError.self) { try read(twice) }
    }

    @Test(arguments: [
        ("{\"id\":\"a\",\"indices\":[1,2],\"values\":[1]}", "line 1"),
        ("{\"id\":\"a\",\"vector\":{\"indices\":[1.5],\"values\":[1]}}", "indices"),
        ("{\"id\":\"a\",\"indices\":[-1],\"values\":[1]}", "indices"),
        ("{\"id\":\"a\",\"indices\":[1],\"values\":[-1]}", "weight of '1'"),
        ("{\"id\":\"a\",\"indices\":[1],\"values\":[\"x\"]}", "values"),
        ("{\"id\":\"a\",\"indices\":[1]}", "\"vector\""),
        ("{\"index\":{}}", "\"id\""),
    ])
    func wrongLinesAreTold(line: String, says: String) throws {
        let path = try TemporaryFiles().write("v.jsonl", line + "\n")
        let error = #expect(throws: FormatError.self) { try read(path) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains(says) && text.contains("line 1"), "\(text)")
    }

    @Test func packedVectorsAreRead() throws {
        for name in ["documents.msgpack", "array.msgpack"] {
            let found = try read(fixtures + name)
            #expect(found.map(\.id) == ["a", "b", "c"])
            #expect(found.map(weights) == [["red": 1.5, "apple": 2], ["pear": 0.25], [:]])
            #expect(found[0].contents == "red apple")
        }
        let pairs = try read(fixtures + "pairs.msgpack.gz")
        #expect(pairs.map(\.id) == ["a", "b"] && pairs.map(weights) == [["3": 200, "250001": 70_000], ["0": 1]])
    }

    @Test(arguments: [("csc.npz", "tocsr"), ("unsorted.npz", "sort it")])
    func otherOrdersAreRefused(name: String, says: String) throws {
        let error = #expect(throws: FormatError.self) { try read(fixtures + name) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(says))
    }

    @Test func asManyIDsAsRows() throws {
        let error = #expect(throws: FormatError.self) { try read(fixtures + "csr.npz", ids: ["a"]) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("1 ids for 9 rows"))
    }

    /// Whatever becomes of a file, it is read or refused, and never all of it is taken for sound.
    @Test(arguments: ["csr.npz", "csr-stored.npz", "arrays.npz", "triples.npz", "documents.msgpack", "array.msgpack"])
    func damageNeverTraps(name: String) throws {
        let files = try TemporaryFiles()
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixtures + name)))
        var random = SplitMix64(seed: 5)
        for cut in stride(from: 0, to: whole.count, by: max(1, whole.count / 120)) where !name.hasPrefix("documents") {
            let path = try files.write("cut", whole[..<cut])
            #expect(throws: FormatError.self) { try read(path) }
        }
        for _ in 0..<150 {
            var bytes = whole
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            let path = try files.write("changed", bytes)
            do { _ = try read(path) } catch is FormatError {}
        }
    }

    @Test func vocabulariesAreChecked() throws {
        let files = try TemporaryFiles()
        for (text, says) in [
            ("", "empty"), ("{\"a\":1,\"b\":1}", "both have the number 1"), ("{\"a\":-1}", "no number"),
            ("[1]", "no string"),
        ] {
            let path = try files.write("v.json", text)
            let error = #expect(throws: FormatError.self) { try VectorVocabulary(path: path) }
            #expect("\(error.map { "\($0)" } ?? "")".contains(says))
        }
        // Names of a tokenizer's list that begins with a bracket.
        let list = try VectorVocabulary(path: try files.write("v.txt", "[PAD]\r\n[UNK]\n\nx"))
        #expect((0..<4).map { list.name(of: $0) } == ["[PAD]", "[UNK]", "", "x"])
    }
}
