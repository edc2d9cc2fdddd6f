import ApusTestSupport
import CorpusFormats
import Foundation
import Testing

/// TREC's topics in every form, and no file passes for topics out of which nothing came.
@Suite struct TopicMarkupTests {
    private func topics(_ text: String) throws -> [Topic] { try Topics.read(TemporaryFiles().write("topics", text)) }

    /// The forms are those of TREC's own files: 2014's clinical decision support, web, COVID, health misinformation, clinical
    /// trials, precision medicine, podcasts, CLEF.
    @Test(arguments: [
        "<topics task=\"x\">\n<topic number=\"1\">\n<query>blue cow</query>\n<question>which?</question>\n</topic></topics>",
        "<topics><topic><number>1</number><query>blue cow</query><description>Which?</description></topic></topics>",
        "<topics task=\"x\">\n  <topic number=\"1\">\n    blue cow\n  </topic>\n</topics>",
        "<?xml version=\"1.0\"?><!-- made up --><topics><topic id='1'>blue cow</topic></topics>",
        "\u{feff}<topics>\r\n<topic number = \"1\">\r\n<query>blue\r\ncow</query>\r\n</topic>\r\n</topics>\r\n",
        "<webtrack2009>\n<topic number=\"1\" type=\"faceted\">\n<query> blue cow </query>\n<description>d</description>"
            + "<subtopic number=\"1\" type=\"inf\">s</subtopic></topic>\n</webtrack2009>",
        "<topic><num>1</num><query>blue cow</query><type>topical</type></topic>",
        "<topic lang=\"en\"><identifier>1</identifier><title>blue cow</title><narrative>n</narrative></topic>",
        "<queries><query><id>1</id><title>blue cow</title><desc>d</desc></query></queries>",
        "<topic number=\"1\"><title></title><description>blue <b>cow</b></description></topic>",
        "<topic number=\"1\"><query><![CDATA[blue cow]]></query></topic>",
        "<TOPIC NUMBER=\"1\"><QUERY>blue cow</QUERY></TOPIC>",
        "<topic number=\"1\"><question>blue cow</question><narrative>n</narrative></topic>",
        "<topic number=\"1\"><disease>blue</disease><gene>cow</gene></topic>",
        "<topic number=\"1\" template=\"x\"><field name=\"a\">blue</field><field name=\"b\">cow</field></topic>",
        "<topic><number>1</number> blue cow </topic>",
        "<topic>blue cow <number>1</number></topic>",
        "<top>\n<head> Tipster\n<num> Number: 1\n<dom> Domain: x\n<title> Topic: blue cow\n<desc> Description:\nd\n</top>",
        "<top>\n<num> Number: 1\n<title> blue cow\n<desc> Description:\nd\n",
        "<top>\n<num> Number: 1\n\n<desc> Description:\nblue cow\n<narr> Narrative:\nn\n</top>",
        "<top><num>1</num><title>blue <i>cow</i></title></top>",
    ])
    func everyFormIsRead(text: String) throws {
        #expect(try topics(text) == [Topic(id: "1", text: "blue cow")])
    }

    @Test func aTopNeedsNoClosingTag() throws {
        let expected = [Topic(id: "1", text: "a < b"), Topic(id: "2", text: "c"), Topic(id: "3", text: "d")]
        let open = "<top>\n<num> 1\n<title> a < b\n<desc> x\n<top>\n<num> 2\n<title> c\n<top>\n<num> 3\n<title> d\n"
        #expect(try topics(open) == expected)
        let mixed =
            "<top>\n<num> 1\n<title> a < b\n<top>\n<num> 2\n<title> c\n</top><top>\n<num> 3\n<title> d\n</top>\n"
        #expect(try topics(mixed) == expected)
    }

    @Test(arguments: [
        ("", "holds no topics: it is empty"), ("\n \n\r\n", "holds no topics: it is empty"),
        ("\u{feff}", "holds no topics: it is empty"),
        ("<html><body>no topics</body></html>", "holds no topics: it is an HTML page"),
        ("<!DOCTYPE html>\n<html><body><topic>x</topic></body></html>", "holds no topics: it is an HTML page"),
        (
            "<?xml version=\"1.0\"?><rss><item>x</item></rss>",
            "holds no topics: it has no tag of <top>, <topic>, <query>"
        ),
        ("<DOC><DOCNO>a</DOCNO>text</DOC>", "holds no topics"), ("<topics></topics>", "holds no topics"),
        ("[{\"id\":\"1\",\"text\":\"a\"}]", "one JSON array"),
        ("<topics>\n<topic number=\"1\">a</topic>\n<topic number=\"2\">b", "line 1: the file ends before </topics>"),
        ("<topic number=\"1\">a</topic>\n<topic number=\"2\">b", "line 2: the file ends before </topic>"),
        ("<top><num>1<title>a</top>\n<top><num>2<title>b\n", "line 2: the file ends before </top>"),
        ("<topic number=\"1\">a</topic>\n<query>b</query></topic>", "line 2: </topic> stands outside of any <topic>"),
        ("<topics><topic><query>a</query></topic></topics>", "no member \"<num>\" or \"<number>\""),
        ("<topic number=\"1\"><docid>x</docid><url>y</url></topic>", "line 1: the topic has none of <title>, <query>"),
        ("<topic number=\"1\"><docid>x</docid><url>y</url></topic>", "but <docid>, <url>"),
        ("<topic number=\"1\"/>", "the topic has none of"), ("<topic number=\"1\"> </topic>", "the topic has none of"),
        ("<topic number=\"1\"><narrative>n</narrative></topic>", "but <narrative>"),
        (
            "<topic number=\"1\"><title>a</title>\n<title lang=\"de\">b</title></topic>",
            "line 2: the <title> of one topic is already"
        ),
        ("<topic number=\"1\">a</topic>\n<topic number=\"1\">b</topic>", "line 2: the id '1' is already on line 1"),
        ("<topic number=\"a b\">a</topic>", "the query id 'a b' holds white space"),
        ("{\"_id\":\"1\"}", "no member \"text\""), ("{\"_id\":1.5,\"text\":\"a\"}", "\"_id\" is the number 1.5"),
        ("{\"_id\":\"1\",\"_id\":\"2\",\"text\":\"a\"}", "the member \"_id\""),
    ])
    func whatIsNoTopicIsRefusedByName(text: String, message: String) throws {
        let error = #expect(throws: FormatError.self) { _ = try topics(text) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        #expect(error?.description.contains("\n") == false)
    }

    @Test(arguments: [
        (#"{"_id": 7, "text": "fox"}"#, "7"),
        (#"{"text": "fox", "qid": 123456789012345678901234567890}"#, "123456789012345678901234567890"),
        (#"{"id": -3, "query": "fox"}"#, "-3"), (#"{"qid": "x", "id": 5, "title": "no", "query": "fox"}"#, "5"),
        (#"{"title": "no", "text": "fox", "query_id": "5"}"#, "5"),
        (#"{"_id": "5", "text": null, "title": "fox"}"#, "5"),
    ])
    func jsonTopicsHaveOneIDAndOneTextInAnyOrder(line: String, id: String) throws {
        #expect(try topics(line) == [Topic(id: id, text: "fox")])
    }

    /// trec_eval, Lucene and file systems compare ids as bytes.
    @Test func twoSpellingsOfOneLetterAreTwoTopics() throws {
        #expect(try topics("caf\u{E9}\ta\ncafe\u{301}\tb\n").map(\.text) == ["a", "b"])
    }

    @Test(
        .timeLimit(.minutes(2)),
        arguments: ["<topic ", "<topic number=\"1\">", "<query>", "<top>", "<!--", "<top><num>1<title>a"])
    func hostileTopicsTakeNoHours(piece: String) throws {
        #expect(throws: FormatError.self) { _ = try topics(String(repeating: piece, count: 20_000)) }
    }
}
