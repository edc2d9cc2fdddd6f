import ApusTestSupport
import CorpusFormats
import Foundation
import Testing

/// Character references mean what HTML says. The right values are those of Python's `html.unescape`
/// (Scripts/oracles/html-entities): every name, every number that is special, and what is none.
@Suite struct CharacterReferenceTests {
    private struct Sample: Decodable {
        let raw: String
        let text: String
    }

    @Test func everyReferenceIsDecodedAsPythonDoes() throws {
        let path = TestPaths.fixtures + "/CorpusFormats/character-references.jsonl"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let samples = try lines.map { try JSONDecoder().decode(Sample.self, from: Data($0.utf8)) }
        #expect(samples.count > 5000)
        let file = samples.enumerated().map { "<DOC><DOCNO>\($0)</DOCNO><TEXT>\n\($1.raw)\n</TEXT></DOC>\n" }.joined()
        let found = try documents(TemporaryFiles().write("a.trec", file))
        #expect(found.count == samples.count)
        for (document, sample) in zip(found, samples) {
            #expect(document.text.utf8.elementsEqual(sample.text.utf8), "\(sample.raw): \(document.text)")
        }
    }

    @Test func referencesAreDecodedOnceAndBehindTheTags() throws {
        let text =
            "<DOC><DOCNO>a&eacute;</DOCNO><TITLE>Caf&eacute;</TITLE><TEXT>&amp;lt; &lt;b&gt; x<i>&Uuml;</i>&hyph;</TEXT></DOC>"
        let document = try documents(TemporaryFiles().write("a.trec", text)).first
        // An id is bytes: it must be what judgements call it.
        #expect(document?.id == "a&eacute;")
        #expect(document?.title == "Café")
        #expect(document?.text == "&lt; <b> x Ü -")
    }

    @Test func topicsAreDecodedToo() throws {
        let path = try TemporaryFiles().write(
            "t.xml", #"<topic number="&#49;"><query>na&iuml;ve &ndash; AT&T</query></topic>"#)
        #expect(try Topics.read(path) == [Topic(id: "1", text: "naïve – AT&T")])
    }

    @Test func aMarkBehindASpaceOrABracketIsKept() throws {
        // Swift's characters join a mark to what stands before it; files are bytes.
        let text = "<DOC><DOCNO>a</DOCNO><TEXT>x \u{301}y &amp;\u{301} 1 < \u{301}2</TEXT></DOC>"
        let found = try #require(try documents(TemporaryFiles().write("a.trec", text)).first).text
        #expect(found.utf8.elementsEqual("x \u{301}y &\u{301} 1 < \u{301}2".utf8))
    }

    @Test func aCDATASectionIsText() throws {
        let text = "<DOC><DOCNO>a</DOCNO><TEXT>x <![CDATA[a > b & c < d]]> y</TEXT></DOC>"
        #expect(try documents(TemporaryFiles().write("a.trec", text)).first?.text == "x a > b & c < d y")
    }
}
