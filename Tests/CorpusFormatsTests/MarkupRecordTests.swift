import ApusTestSupport
import CorpusFormats
import Foundation
import Testing

/// A tag that is missing is said; no document gets the text of two, and none is lost.
@Suite struct MarkupRecordTests {
    private func trec(_ text: String) throws -> [CorpusDocument] {
        try documents(TemporaryFiles().write("c.trec", text), format: .trec)
    }

    @Test(arguments: [
        (
            "<DOC>\n<DOCNO>u</DOCNO>\nfox\n<DOC>\n<DOCNO>v</DOCNO>\ncow\n</DOC>\n",
            "line 1: <DOC> is not closed before the next <DOC> on line 4"
        ),
        (
            "<DOC><DOCNO>u</DOCNO>fox<DOC><DOCNO>v</DOCNO>cow</DOC>",
            "line 1: <DOC> is not closed before the next <DOC> on line 1"
        ),
        ("<DOC>\n<DOCNO>u</DOCNO>\nfox\n <doc>  <DOCNO>v</DOCNO>\ncow\n</DOC>\n", "on line 4"),
        ("<DOC>\n<DOCNO>u</DOCNO>\n<TEXT>fox\n<DOC>\ncow</TEXT>\n</DOC>\n", "on line 4"),
        ("<DOC><DOCNO>u</DOCNO>fox</DOC>\n<DOCNO>v</DOCNO>cow</DOC>", "line 2: <DOCNO> stands outside of any <DOC>"),
        ("<DOC><DOCNO>u</DOCNO>fox</DOC>\ncow\n</DOC>\n", "line 3: </DOC> stands outside of any <DOC>"),
        (
            "<DOC><DOCNO>u</DOCNO>fox\n<DOCNO>v</DOCNO>cow</DOC>",
            "line 2: the <DOCNO> of one <DOC> is already on line 1"
        ),
        ("\n<DOC>\n<DOCNO>u\n<TEXT>fox</TEXT>\n</DOC>", "line 3: <DOCNO> is not closed before </DOC>"),
        ("<DOC>\n<DOCNO>u</DOCNO>\nfox\n</DOC>\n<DOC>\n<DOCNO>v</DOCNO>\n", "line 5: the file ends before </DOC>"),
        ("<DOC id=\n\"u\"", "line 1: the file ends before"),
    ])
    func aMissingTagIsNamedByItsLine(text: String, message: String) throws {
        let error = #expect(throws: FormatError.self) { _ = try trec(text) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func aWordOfMarkupInsideATextStartsNoDocument() throws {
        let found = try trec(
            "<DOC>\n<DOCNO>u</DOCNO>\n<TEXT>\nwrite <doc> and\n<doc>\n<document> fox\n</TEXT>\n</DOC>\n")
        #expect(found.map(\.text) == ["write and fox"])
    }

    @Test func anUnclosedSectionEndsAtTheNext() throws {
        let found = try trec("<DOC><DOCNO>u</DOCNO><HEADLINE>red fox<TEXT>blue cow</TEXT></DOC>")
        #expect(found == [CorpusDocument(id: "u", title: "red fox", text: "blue cow", line: 1)])
        let twice = try trec("<DOC><DOCNO>u</DOCNO><TEXT>red<TEXT>blue</TEXT></DOC>")
        #expect(twice == [CorpusDocument(id: "u", title: "", text: "red blue", line: 1)])
        let bare = try trec("<DOC><DOCNO>u</DOCNO><TITLE>red fox</DOC>")
        #expect(bare == [CorpusDocument(id: "u", title: "", text: "red fox", line: 1)])
    }

    /// As in the Linguistic Data Consortium's Gigaword.
    @Test func aDocumentMayHaveItsIDInItsTag() throws {
        let found = try trec(
            "<DOC id=\"AFP_1\"\n type='story' >\n<HEADLINE>\nt\n</HEADLINE>\n<TEXT>\n<P>x</P>\n</TEXT>\n</DOC >\n")
        #expect(found == [CorpusDocument(id: "AFP_1", title: "t", text: "x", line: 1)])
    }

    @Test(arguments: [
        ("a.trec", "<topics><topic>x</topic></topics>"), ("a.xml", "<?xml version=\"1.0\"?><mediawiki/>"),
        ("a.jsonl", ""),
        ("a.jsonl", "\n \r\n"), ("a.tsv", "\u{feff}"),
    ])
    func aCorpusWithoutADocumentIsAnError(name: String, text: String) throws {
        let path = try TemporaryFiles().write(name, text)
        let error = #expect(throws: FormatError.self) { _ = try documents(path) }
        #expect(error?.description.contains("holds no documents: it ") == true, "\(String(describing: error))")
    }

    @Test func everyReaderRefusesAnInputOfNothing() throws {
        let files = try TemporaryFiles()
        for text in ["", "\n\n", "# a comment\n", "query-id\tcorpus-id\tscore\n"] {
            let path = try files.write("x", text)
            let error = #expect(throws: FormatError.self) { _ = try QrelsFile.read(path) }
            #expect(error?.description.contains("holds no judgements: it ") == true, "\(String(describing: error))")
        }
        let path = try files.write("v.jsonl", "\n")
        #expect(throws: FormatError.nothing(path: path, what: "vectors", found: "it is empty")) {
            _ = try VectorReader(path: path)
        }
    }
}
