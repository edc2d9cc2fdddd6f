import ApusTestSupport
import CorpusFormats
import Foundation
import RetrievalEvaluation
import Testing

/// Every kind of broken file is refused with its file and line, and says what was found.
@Suite struct BadInputTests {
    private static let good = #"{"_id":"1","text":"a"}"# + "\n"

    @Test(arguments: [
        (#"{"_id":"2","text":"a""#, "column 22: expected ',' or '}', found the end of the line"),
        (#"{"_id":"2" "text":"a"}"#, "column 12: expected ',' or '}', found '\"'"),
        (#"{"_id":"2","text":"a"} x"#, "column 24: expected the end of the line behind the object, found 'x'"),
        (#"{"_id":"2","text":"a}"#, "expected '\"' at the end of the string, found the end of the line"),
        (#"{"_id":"2","text":"\x"}"#, "expected one of the escapes"),
        (#"{"_id":"2","text":"\ud83d"}"#, "expected the second half of a surrogate pair"),
        (#"{"_id":"2","text":"\ude00"}"#, "expected the first half of a surrogate pair"),
        (#"{"_id":"2","text":"\u12g4"}"#, "expected four hexadecimal digits"),
        ("{\"_id\":\"2\",\"text\":\"a\tb\"}", "found the control character 9"),
        (#"{"_id":"2","text":"a","n":01}"#, "column 28: expected ',' or '}', found '1'"),
        (#"{"_id":"2","text":"a","n":NaN}"#, "expected a value, found 'N'"),
        (#"{"_id":"2","text":"a","n":nul}"#, "expected 'null'"),
        (#"{"_id":"2","text":"a","n":[1,]}"#, "expected a value, found ']'"),
        (#"{"_id":"2","text":"a",}"#, "expected a member name in quotes, found '}'"),
        (#"["2"]"#, "expected an object that starts with '{', found '['"),
        ("hello", "expected an object that starts with '{', found 'h'"),
        (#"{"text":"a"}"#, #"the object has no member "_id" or "id" or "docno""#),
        (#"{"_id":"2"}"#, #"the object has no member "text" or "contents""#),
        (#"{"_id":"","text":"a"}"#, "the document id is empty"),
        (#"{"_id":"a b","text":"a"}"#, "the document id 'a b' holds white space"),
        (#"{"_id":"a\u00a0b","text":"a"}"#, "holds white space"),
        (#"{"_id":"a\nb","text":"a"}"#, "holds white space"),
        (#"{"_id":"a\u0000b","text":"a"}"#, "holds the control character 0, which"),
        (#"{"_id":7.0,"text":"a"}"#, #""_id" is the number 7.0, expected a string or a whole number"#),
        (#"{"_id":1e3,"text":"a"}"#, #""_id" is the number 1e3, expected a string or a whole number"#),
        (#"{"_id":true,"text":"a"}"#, #""_id" is a truth value, expected a string or a whole number"#),
        (#"{"_id":["a"],"text":"a"}"#, #""_id" is an array, expected a string or a whole number"#),
        (#"{"_id":null,"text":"a"}"#, #""_id" is null, expected a string or a whole number"#),
        (#"{"_id":"2","title":"a","text":["a"]}"#, #""text" is an array, expected a string"#),
        (#"{"_id":"2","title":"","text":null}"#, #""text" is null, expected a string"#),
        (#"{"_id":"2","_id":"3","text":"a"}"#, #"the member "_id" is already on line 3"#),
        (#"{"_id":"2","text":"a","text":"b"}"#, #"the member "text" is already on line 3"#),
        (#"{"_id":"2","title":"a","text":"b","title":null}"#, #"the member "title" is already on line 3"#),
        (#"{"_id":"2","text":"a"}{"_id":"3","text":"b"}"#, "expected the end of the line behind the object, found '{'"),
        ("{\"_id\":\"2\",\"text\":\"a\0b\"}", "found the control character 0"),
        (#"{"_id":"2","text":["a"]}"#, #""text" is an array, expected a string"#),
        (#"{"_id":"2","text":null}"#, #""text" is null, expected a string"#),
        (#"{"_id":"2","text":"a","title":{}}"#, #""title" is an object, expected a string"#),
    ])
    func aBrokenDocumentIsNamedByItsLine(line: String, message: String) throws {
        let path = try TemporaryFiles().write("corpus.jsonl", Self.good + "\n" + line + "\n" + Self.good)
        let error = #expect(throws: FormatError.self) { _ = try documents(path) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("'\(path)' line 3"), "\(text)")
        #expect(text.contains(message), "\(text)")
        #expect(!text.contains("\n"))
    }

    @Test func deepNestingIsRefusedAndDoesNotCrash() throws {
        let deep = String(repeating: "[", count: 100_000)
        let path = try TemporaryFiles().write("corpus.jsonl", #"{"_id":"1","text":"a","x":"# + deep)
        let error = #expect(throws: FormatError.self) { _ = try documents(path) }
        #expect(error?.description.contains("expected at most 512 nested values") == true)
    }

    @Test(
        .timeLimit(.minutes(2)),
        arguments: [
            String(repeating: "<", count: 100_000), String(repeating: "<a ", count: 50_000),
            String(repeating: "<!-- ", count: 25_000), String(repeating: "<TITLE ", count: 25_000),
            String(repeating: "<TITLE>x", count: 12_000), String(repeating: "<TITLE>x</TITLE> y", count: 8_000),
        ])
    func markupThatIsNeverClosedTakesNoHours(text: String) throws {
        let path = try TemporaryFiles().write("a.trec", "<DOC><DOCNO>a</DOCNO>" + text + "</DOC>")
        #expect(try documents(path, format: .trec).count == 1)
    }

    @Test(.timeLimit(.minutes(2))) func manyDocumentsOnOneLineAreRead() throws {
        let text = (0..<5_000).map { "<DOC><DOCNO>\($0)</DOCNO><TEXT>a &lt; b</TEXT></DOC>" }.joined()
        let found = try documents(TemporaryFiles().write("a.trec", text), format: .trec)
        #expect(found.count == 5_000)
        #expect(found.last == CorpusDocument(id: "4999", title: "", text: "a < b", line: 1))
    }

    @Test func bytesThatAreNotUTF8AreRefusedWithTheirLine() throws {
        let bytes = Array("d1\tok\nd2\tcaf".utf8) + [0xE9] + Array("\n".utf8)
        let path = try TemporaryFiles().write("a.tsv", bytes)
        #expect(throws: FormatError.invalidUTF8(path: path, line: 2)) { _ = try documents(path) }
    }

    @Test(arguments: [("d2", 1), ("d2\ta\tb", 3), ("d2\ta\t", 3)])
    func aTSVLineHasTwoColumns(line: String, columns: Int) throws {
        let path = try TemporaryFiles().write("a.tsv", "d1\tok\n" + line + "\n")
        let expected = FormatError.wrongColumns(path: path, line: 2, expected: "2 (id, tab, text)", found: columns)
        #expect(throws: expected) { _ = try documents(path) }
    }

    @Test func aTSVIdMustFitIntoARun() throws {
        let path = try TemporaryFiles().write("a.tsv", "d 1\tok\n")
        let expected = FormatError.badID(path: path, line: 1, what: "document id", id: "d 1")
        #expect(throws: expected) { _ = try documents(path) }
    }

    @Test(arguments: [
        ("q 0 d", "3 columns", 2), ("q 0 d 1 x", "5 columns", 2), ("q 0 d x", "the grade 'x'", 2),
        ("q 0 d 0.5", "the grade '0.5'", 2), ("q 0 d1 0", "is already on line 1", 2),
    ])
    func aBrokenJudgementIsNamedByItsLine(line: String, message: String, number: Int) throws {
        let path = try TemporaryFiles().write("qrels.txt", "q 0 d1 1\n\(line)\n")
        let error = #expect(throws: FormatError.self) { _ = try QrelsFile.read(path) }
        let text = error?.description ?? ""
        #expect(text.contains("line \(number)") && text.contains(message), "\(text)")
    }

    @Test(arguments: [
        ("q Q0 d 1 2.0", "has 5 columns"), ("q Q0 d 1 2.0 my tag", "has 7 columns"), ("q Q0 d 1 x t", "the score 'x'"),
        ("q Q0 d 1 1.5\u{0}x t", "the score '1.5"), ("q Q0 d 1 nan t", "the score 'nan'"),
        ("q Q0 d 1 inf t", "the score 'inf'"),
        ("q Q0 d1 2 0.5 t", "document 'd1' for query 'q' is already on line 1"),
    ])
    func aBrokenRunIsNamedByItsLine(line: String, message: String) throws {
        let path = try TemporaryFiles().write("run.txt", "q Q0 d1 1 1.0 t\nq Q0 d2 2 0.9 t\n\(line)\n")
        let error = #expect(throws: FormatError.self) { _ = try RunFile.read(path) }
        let text = error?.description ?? ""
        #expect(text.contains("line 3") && text.contains(message), "\(text)")
    }

    @Test(arguments: [
        ("q1\n", "has 1 column"), ("q1\ta\nq1\tb\n", "line 2: the id 'q1' is already on line 1"),
        ("\tx\n", "the query id is empty"),
        ("{\"_id\":\"q\"}\n", #"no member "text""#), ("{\"text\":\"q\"}\n", #"no member "_id""#),
        ("<top>\n<title> a\n</top>\n", "<num>"), ("<top>\n<num> 1\n</top>\n", "<title>"),
    ])
    func brokenTopicsAreNamedByTheirLine(text: String, message: String) throws {
        let path = try TemporaryFiles().write("topics", text)
        let error = #expect(throws: FormatError.self) { _ = try Topics.read(path) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        (#"{"id":"a","vector":{"x":-0.5}}"#, "the weight of 'x' '-0.5'"),
        (#"{"id":"a","vector":{"x":1e99}}"#, "the weight of 'x'"),
        (#"{"id":"a","vector":{"x":"1"}}"#, #""x" is a string, expected a weight"#),
        (#"{"id":"a","vector":{"x":NaN}}"#, "expected a value, found 'N'"),
        (#"{"id":"a","vector":[1]}"#, #""vector" is an array"#), (#"{"id":"a"}"#, #"no member "vector""#),
        (#"{"vector":{}}"#, #"no member "id""#), (#"{"id":"a b","vector":{}}"#, "white space"),
    ])
    func aBrokenVectorIsNamedByItsLine(line: String, message: String) throws {
        let path = try TemporaryFiles().write("v.jsonl", "{\"id\":\"0\",\"vector\":{}}\n" + line)
        let reader = try VectorReader(path: path)
        #expect(try reader.next()?.id == "0")
        let error = #expect(throws: FormatError.self) { _ = try reader.next() }
        let text = error?.description ?? ""
        #expect(text.contains("line 2") && text.contains(message), "\(text)")
    }

    @Test(arguments: [
        ("<DOC>\n<DOCNO>a</DOCNO>\n<TEXT>x", "line 2: the file ends before </DOC>"),
        ("<DOC>\n<TEXT>x</TEXT>\n</DOC>\n", "line 2: the object has no member \"<DOCNO>\""),
        ("<DOC>\n<DOCNO>a b</DOCNO>\n</DOC>\n", "line 2: the DOCNO 'a b' holds white space"),
    ])
    func brokenTRECMarkupIsNamedByItsLine(text: String, message: String) throws {
        let path = try TemporaryFiles().write("a.trec", "\n" + text)
        let error = #expect(throws: FormatError.self) { _ = try documents(path) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func whatIsNotThereIsSaidPlainly() throws {
        let files = try TemporaryFiles()
        let missing = files.folder + "/none.jsonl"
        #expect(throws: FormatError.missing(path: missing)) { _ = try documents(missing) }
        #expect(throws: FormatError.missing(path: missing)) { _ = try Topics.read(missing) }
        #expect(throws: FormatError.emptyFolder(path: files.folder)) { _ = try documents(files.folder) }
        #expect(throws: FormatError.io(path: files.folder, operation: "read", code: 21)) {
            _ = try RunFile.read(files.folder)
        }
        for (name, text) in [("x.dat", "hello"), ("y.dat", ""), ("z.json", "[{\"id\":\"1\"}]")] {
            let path = try files.write(name, text)
            let error = #expect(throws: FormatError.self) { _ = try documents(path) }
            guard case .unknownFormat = error else {
                Issue.record("\(name): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func aDuplicateIDReportsBothLines() throws {
        var seen = DuplicateIDs()
        try seen.insert("a", path: "c", line: 4)
        let expected = FormatError.duplicate(path: "c", line: 9, what: "the id 'a'", firstPath: "c", firstLine: 4)
        #expect(throws: expected) { try seen.insert("a", path: "c", line: 9) }
        #expect("\(expected)" == "'c' line 9: the id 'a' is already on line 4. Keep one of them.")
        // Ids are bytes: another spelling of a letter is another id.
        try seen.insert("caf\u{E9}", path: "c", line: 10)
        try seen.insert("cafe\u{301}", path: "d", line: 1)
        let elsewhere = FormatError.duplicate(path: "d", line: 2, what: "the id 'a'", firstPath: "c", firstLine: 9)
        #expect(throws: elsewhere) { try seen.insert("a", path: "d", line: 2) }
    }
}
