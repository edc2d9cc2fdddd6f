import ApusTestSupport
import ByteStrings
import CorpusFormats
import Foundation
import RetrievalEvaluation
import Testing

/// What good files give, in every shape that users bring.
@Suite struct FormatTests {
    @Test(arguments: [
        ("corpus.jsonl", #"{"id":"1","text":"a"}"#, CorpusFormat.beir),
        ("docs.jsonl", #"{"_id":"1","text":"a"}"#, .beir),
        ("docs.jsonl", #"{"id":"1","contents":"a"}"#, .jsonl),
        ("docs", "  \n {\"id\":\"1\",\"contents\":\"a\"}", .jsonl),
        ("docs.json", #"{"docno":"1","body":"a"}"#, .jsonl), ("collection.tsv", "1\ta", .tsv),
        ("whatever", "1\ta", .tsv),
        ("a.trec", "<DOC><DOCNO>1</DOCNO>a</DOC>", .trec), ("x", "\u{feff}1\ta", .tsv),
        ("x", "\u{feff}{\"id\":\"1\",\"text\":\"a\"}", .jsonl),
    ])
    func theFormatIsFoundAndSaid(name: String, text: String, format: CorpusFormat) throws {
        let reader = try CorpusReader(path: TemporaryFiles().write(name, text))
        #expect(reader.format == format)
        let document = try reader.next()
        #expect(document?.id == "1" && document?.text == "a")
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
    }

    @Test(arguments: ["\n", "\r\n", "\n\n", "\r\n\r\n"], [true, false])
    func lineEndsAndEmptyLinesDoNotMatter(end: String, isClosed: Bool) throws {
        let lines = ["d1\ta", "d2\t", "d3\tc d"]
        let path = try TemporaryFiles().write("a.tsv", lines.joined(separator: end) + (isClosed ? end : ""))
        let found = try documents(path)
        #expect(found.map(\.id) == ["d1", "d2", "d3"])
        #expect(found.map(\.text) == ["a", "", "c d"])
        #expect(found.map(\.line) == (end.count(where: \.isNewline) == 2 ? [1, 3, 5] : [1, 2, 3]))
    }

    @Test func emptyTextsAreCounted() throws {
        let path = try TemporaryFiles().write(
            "c.jsonl",
            #"{"id":"1","text":""}"# + "\n" + #"{"id":"2","title":"t","text":""}"# + "\n"
                + #"{"id":"3","text":"x","title":null}"#)
        let reader = try CorpusReader(path: path)
        while try reader.next() != nil {}
        #expect(reader.documentCount == 3 && reader.emptyCount == 1)
    }

    @Test func otherMembersBecomeMetadataAsTheyAreSpelled() throws {
        let line =
            #"{"url": "http://x/\u00e9", "id":"1", "tags": [1, {"a" : null}], "contents":"c", "we\"ird":true, "metadata":{ }}"#
        let document = try documents(TemporaryFiles().write("c.jsonl", line)).first
        #expect(document?.metadata == #"{"url":"http://x/\u00e9","tags":[1, {"a" : null}],"we\"ird":true}"#)
        let plain = try documents(TemporaryFiles().write("c.jsonl", #"{"_id":"1","text":"","metadata":{}}"#)).first
        #expect(plain?.metadata == nil)
    }

    @Test func linesLongerThanTheBufferAreWhole() throws {
        let files = try TemporaryFiles()
        for length in [262_143 - 3, 262_144 - 3, 262_145 - 3, 900_000] {
            let long = String(repeating: "é", count: length / 2)
            let found = try documents(files.write("a.tsv", "d1\t\(long)\nd2\tb\nd3\t\(long)"))
            #expect(found.map(\.text) == [long, "b", long], "\(length)")
        }
    }

    @Test func aFolderOfTextsIsACorpus() throws {
        let files = try TemporaryFiles()
        _ = try files.write("b.txt", "second\r\nline\n")
        _ = try files.write("a/My notes.md", "\n# Notes on owls\n\nThey hunt.\n")
        _ = try files.write("a/image.png", "no")
        _ = try files.write(".hidden.txt", "no")
        let reader = try CorpusReader(path: files.folder)
        #expect(reader.format == .folder)
        let first = try reader.next()
        #expect(first?.id == "a/My%20notes.md" && first?.title == "Notes on owls" && first?.text == "They hunt.")
        #expect(reader.currentPath.hasSuffix("a/My notes.md"))
        let second = try reader.next()
        #expect(second?.id == "b.txt" && second?.title == "" && second?.text == "second\nline" && second?.line == 1)
        #expect(try reader.next() == nil)
        #expect(reader.bytesRead == reader.totalBytes)
    }

    @Test func aFolderOfJSONLinesIsReadInOrderOfNames() throws {
        let files = try TemporaryFiles()
        _ = try files.write("2.jsonl", #"{"id":"c","contents":""}"#)
        _ = try files.write(
            "1.jsonl.gz", files.gzipped("{\"id\":\"a\",\"contents\":\"\"}\n{\"id\":\"b\",\"contents\":\"\"}"))
        try FileManager.default.removeItem(atPath: #require(try plainFile(in: files.folder)))
        let found = try documents(files.folder)
        #expect(found.map(\.id) == ["a", "b", "c"])
    }

    private func plainFile(in folder: String) throws -> String? {
        try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasPrefix("plain-") }.map {
            folder + "/" + $0
        }
    }

    @Test func beirAndFlatFoldersAreFound() throws {
        let files = try TemporaryFiles()
        let corpus = try files.write("corpus.jsonl.gz", files.gzipped(#"{"_id":"1","text":"x"}"#))
        let flat = try files.write("qrels.txt", "q 0 1 1\n")
        let queries = try files.write("queries.tsv", "q\tx\n")
        #expect(BEIRFolder(path: files.folder).qrels == flat)
        let beir = try files.write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\t1\t2\n")
        let layout = BEIRFolder(path: files.folder)
        #expect(layout.corpus == corpus && layout.queries == queries && layout.qrels == beir)
        #expect(try documents(files.folder).map(\.id) == ["1"])
        let (qrels, format) = try QrelsFile.read(beir)
        #expect(format == .beir && qrels.grades == ["q": ["1": 2]])
    }

    @Test func trecMarkupIsRead() throws {
        let text = """
            <doc>
            <docno> FT-1 </docno>
            <HEADLINE>
            Owls &amp; mice
            </HEADLINE>
            <TEXT>
            <P>Owls hunt   at <b>night</b>.</P> <!-- note -->
            1 < 2 &#233; &unknown;
            </TEXT>
            </doc> <DOC><DOCNO>2</DOCNO><DOCHDR>http</DOCHDR>All <i>of</i> it</DOC>
            <DOC>
            <DOCNO>3</DOCNO><TEXT></TEXT></DOC>
            """
        let found = try documents(TemporaryFiles().write("a.sgml", text))
        #expect(found.map(\.id) == ["FT-1", "2", "3"])
        #expect(found.map(\.title) == ["Owls & mice", "", ""])
        #expect(found.map(\.text) == ["Owls hunt at night . 1 < 2 é &unknown;", "All of it", ""])
        #expect(found.map(\.line) == [1, 10, 11])
    }

    @Test(arguments: [
        "301\tforeign minorities\r\n302\tpoliomyelitis\n",
        "{\"_id\":\"301\",\"text\":\"foreign minorities\"}\n{\"text\":\"poliomyelitis\",\"_id\":\"302\",\"metadata\":{}}",
        """
        <top>
        <num> Number: 301
        <title> foreign
        minorities
        <desc> Description:
        What?
        </top>

        <top><num>302</num><desc> Description: poliomyelitis</desc></top>
        """,
    ])
    func topicsOfEveryShapeAreTheSame(text: String) throws {
        let found = try Topics.read(TemporaryFiles().write("topics", text))
        #expect(found == [Topic(id: "301", text: "foreign minorities"), Topic(id: "302", text: "poliomyelitis")])
    }

    @Test(arguments: [
        ("# made by hand\nq1 0 d1 1\nq1\t0\td2\t-1\n\nq2 Q0 d1 0\n", QrelsFile.Format.trec),
        ("query-id\tcorpus-id\tscore\r\nq1\td1\t1\r\nq1\td2\t-1\r\nq2\td1\t0\r\n", .beir),
        ("q1\td1\t1.0\nq1\td2\t-1\nq2\td1\t0\nq2\td1\t0", .beir),
    ])
    func qrelsOfEveryShapeAreTheSame(text: String, format: QrelsFile.Format) throws {
        let found = try QrelsFile.read(TemporaryFiles().write("qrels", text))
        #expect(found.format == format)
        #expect(found.qrels.grades == ["q1": ["d1": 1, "d2": -1], "q2": ["d1": 0]])
    }
}
