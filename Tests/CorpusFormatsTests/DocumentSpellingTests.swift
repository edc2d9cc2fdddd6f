import ApusTestSupport
import CorpusFormats
import Foundation
import Testing

/// Spellings of real corpora are read alike, and nothing of a record is lost.
@Suite struct DocumentSpellingTests {
    private func document(_ line: String) throws -> CorpusDocument? {
        try documents(TemporaryFiles().write("c.jsonl", line + "\n")).first
    }

    /// Jackson's asText, which Anserini reads ids with, and BEIR's loader take whole numbers as they are spelled.
    @Test(arguments: [
        (#"{"_id": 7, "text": "fox"}"#, "7"), (#"{"docid":12,"text":"fox"}"#, "12"), (#"{"id":-3,"text":"fox"}"#, "-3"),
        (#"{"text":"fox","docno":9223372036854775808}"#, "9223372036854775808"), (#"{"id":-0,"text":"fox"}"#, "0"),
        (#"{"id":123456789012345678901234567890,"text":"fox"}"#, "123456789012345678901234567890"),
        (#"{"doc_id":"d","text":"fox"}"#, "d"), (#"{"pid":0,"passage":"fox"}"#, "0"),
    ])
    func aWholeNumberIsAnID(line: String, id: String) throws {
        let found = try document(line)
        #expect(found?.id == id && found?.text == "fox" && found?.metadata == nil)
    }

    /// MS MARCO V2: judgements name the passage (Anserini's MsMarcoV2PassageCollection), and V2 documents have only their docid.
    @Test func aPassageHasItsOwnID() throws {
        for line in [
            #"{"pid":"p_1","passage":"fox","spans":"(0,3)","docid":"d_9"}"#,
            #"{"docid":"d_9","spans":"(0,3)","passage":"fox","pid":"p_1"}"#,
        ] {
            let found = try document(line)
            #expect(found?.id == "p_1" && found?.text == "fox")
            let metadata = try #require(found?.metadata)
            let members = try JSONSerialization.jsonObject(with: Data(metadata.utf8)) as? [String: String]
            #expect(members == ["spans": "(0,3)", "docid": "d_9"])
        }
        let page = try document(#"{"url":"u","title":"t","headings":"h","body":"fox","docid":"msmarco_doc_00_0"}"#)
        #expect(page?.id == "msmarco_doc_00_0" && page?.title == "t" && page?.text == "fox")
        #expect(page?.metadata == #"{"url":"u","headings":"h"}"#)
    }

    @Test(arguments: [
        #"{"docid":"e","pid":"d","docno":"c","id":"b","_id":"a","text":"x"}"#,
        #"{"_id":"a","id":"b","docno":"c","pid":"d","docid":"e","text":"x"}"#,
        #"{"id":"b","_id":"a","docno":"c","docid":"e","pid":"d","text":"x"}"#,
    ])
    func theFirstOfTheListCountsAndTheOthersAreKept(line: String) throws {
        let found = try document(line)
        #expect(found?.id == "a")
        let metadata = try #require(found?.metadata)
        let members = try JSONSerialization.jsonObject(with: Data(metadata.utf8)) as? [String: String]
        #expect(members == ["id": "b", "docno": "c", "pid": "d", "docid": "e"])
    }

    @Test func aSecondTextIsMetadata() throws {
        for line in [#"{"id":"1","text":"a","contents":"b"}"#, #"{"contents":"b","text":"a","id":"1"}"#] {
            let found = try document(line)
            #expect(found?.text == "a" && found?.metadata == #"{"contents":"b"}"#)
        }
        let list = try document(#"{"id":"1","text":"a","body":[1]}"#)
        #expect(list?.text == "a" && list?.metadata == #"{"body":[1]}"#)
    }

    @Test(arguments: [
        (#"{"_id":"a","title":"red fox","text":null}"#, "red fox", ""),
        (#"{"_id":"a","text":null,"title":"red fox"}"#, "red fox", ""),
        (#"{"_id":"a","title":null,"text":"red fox"}"#, "", "red fox"),
        (#"{"_id":"a","text":null,"contents":"red fox"}"#, "", "red fox"),
        (#"{"_id":null,"id":"a","contents":"red fox","text":null}"#, "", "red fox"),
    ])
    func nullMeansNone(line: String, title: String, text: String) throws {
        let found = try document(line)
        #expect(found?.id == "a" && found?.title == title && found?.text == text && found?.metadata == nil)
    }

    /// U+0000 is a character of JSON strings, and of texts out of scans; what stands behind it stays.
    @Test func nothingIsCutAtANUL() throws {
        let files = try TemporaryFiles()
        let json = try files.write(
            "j.jsonl", #"{"id":"a","title":"t\u0000itle","contents":"red\u0000fox","m":"x\u0000y","k\u0000":1}"#)
        let found = try documents(json).first
        #expect(found?.title == "t\0itle" && found?.text == "red\0fox")
        #expect(found?.metadata == #"{"m":"x\u0000y","k\u0000":1}"#)
        #expect(try documents(files.write("t.tsv", "b\tred\0fox\n")).first?.text == "red\0fox")
        let trec = "<DOC>\n<DOCNO>d</DOCNO>\n<TITLE>t\0itle</TITLE><TEXT>\nred\0fox &lt; 1\n</TEXT>\n</DOC>\n"
        let marked = try documents(files.write("d.trec", trec)).first
        #expect(marked?.title == "t\0itle" && marked?.text == "red\0fox < 1")
        #expect(try documents(files.write("f/x.txt", "\0red\0fox\0\n"), format: .folder).first?.text == "\0red\0fox\0")
        #expect(try documents(files.write("f/y.md", "# t\0itle\nred\0fox"), format: .folder).first?.title == "t\0itle")
        #expect(try Topics.read(files.write("q", "1\tred\0fox")).first?.text == "red\0fox")
        let vector = try VectorReader(
            path: files.write("v", #"{"id":"1","contents":"a\u0000b","vector":{"x\u0000y":1}}"#)
        ).next()
        #expect(vector?.contents == "a\0b" && vector?.weights.first?.term == "x\0y")
    }

    @Test func aNULIsNoPartOfAnIDOrANumber() throws {
        let files = try TemporaryFiles()
        for (name, text) in [("a.tsv", "a\0b\tx"), ("a.trec", "<DOC><DOCNO>a\0b</DOCNO>x</DOC>")] {
            let path = try files.write(name, text)
            let error = #expect(throws: FormatError.self) { _ = try documents(path) }
            #expect(
                error?.description.contains("holds the control character 0") == true, "\(String(describing: error))")
        }
        let qrels = try files.write("qrels", "q 0 d 1.0\0x\n")
        #expect(throws: FormatError.badNumber(path: qrels, line: 1, what: "grade", found: "1.0\0x")) {
            _ = try QrelsFile.read(qrels)
        }
    }

    /// Twice the scanner's piece and more, with escapes at every place of a character that is cut.
    @Test func aHugeTextWithEscapesIsWhole() throws {
        for shift in 0..<4 {
            let text =
                String(repeating: "x", count: shift) + String(repeating: "漢é\n", count: 60_000) + "\""
                + String(repeating: "ab\u{1F600}", count: 50_000)
            let line = try String(decoding: JSONEncoder().encode(["_id": "1", "text": text]), as: UTF8.self)
            let found = try document(line)
            #expect(found?.text.utf8.elementsEqual(text.utf8) == true)
        }
    }
}
