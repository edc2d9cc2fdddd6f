import ApusTestSupport
import CorpusFormats
import Foundation
import Testing

/// A file's kind is told from its lines, whatever it is called, and from its name where they say too little.
@Suite struct FileKindTests {
    @Test(arguments: [
        ("x", "{\"_id\": \"1\", \"title\": \"t\", \"text\": \"a\"}\n", FileKind.corpus),
        ("x", "{\"id\": \"1\", \"contents\": \"a\"}\n", .corpus),
        ("x", "{\"pid\": \"1\", \"passage\": \"a\"}\n", .corpus),
        ("x", "{\"id\": \"1\", \"contents\": \"a\", \"vector\": {\"a\": 1}}\n", .vectors),
        ("x", "{\"qid\": \"1\", \"query\": \"a\"}\n", .topics),
        ("queries.jsonl", "{\"_id\": \"1\", \"text\": \"a\", \"metadata\": {}}\n", .topics),
        ("corpus.jsonl", "{\"_id\": \"1\", \"text\": \"a\", \"metadata\": {}}\n", .corpus),
        ("x", "{\"query_id\": \"1\", \"doc_id\": \"2\", \"relevance\": 1}\n", .qrels),
        ("x", "{\"qid\": 1, \"query\": \"a\", \"answer_pids\": [1, 2]}\n", .qrels),
        ("x", "<DOC>\n<DOCNO>1</DOCNO>\n</DOC>\n", .corpus),
        ("x", "<top>\n<num> Number: 301\n<title> a\n</top>\n", .topics),
        ("x", "<?xml version=\"1.0\"?>\n<topics><topic number=\"1\">a</topic></topics>\n", .topics),
        ("x", "1 0 184 2\n1 0 29 2\n1 0 31 1\n2 0 12 1\n", .qrels),
        ("x", "1 0 184 1\n1 0 185 1\n1 0 186 1\n", .qrels),
        ("x", "1 Q0 d1 1\n", .qrels),
        ("x", "query-id\tcorpus-id\tscore\nq1\td1\t1\n", .qrels),
        ("x", "q1\td1\t1\nq1\td7\t0\n", .qrels),
        ("x", "q1 Q0 d1 1 2.5 tag\nq1 Q0 d2 2 nan tag\n", .run),
        ("x", "q1 Q0 d1 1 2.5\nq1 Q0 d2 2 1.5\n", .run),
        ("x", "q1 d1 1 2.5\nq1 d2 2 1.5\n", .run),
        ("x", "1\t7187158\t1\n1\t7187157\t2\n2\t12\t1\n", .run),
        ("x", "q1 d1 12.25\nq1 d2 11.5\n", .run),
        ("topics.dl20.txt", "1037496\twho is rep scalise?\n1043135\twho killed nicholas ii of russia\n", .topics),
        ("collection.tsv", "0\ta short passage\n1\tanother one here\n", .corpus),
        // One broken line does not change what a file is.
        ("x", "q1 Q0 d1 1 2.5 tag\nq1 Q0 d2\nq1 Q0 d3 3 1.5 tag\nq1 Q0 d4 4 1 tag\nq1 Q0 d5 5 .5 tag\n", .run),
    ])
    func kinds(name: String, text: String, kind: FileKind) throws {
        let found = try FileKind.recognise(TemporaryFiles().write(name, text))
        #expect(found.kind == kind, "\(found.reason)")
    }

    @Test func longTextsAreDocuments() throws {
        let text = "1\t" + String(repeating: "many words of a passage ", count: 20) + "\n"
        #expect(try FileKind.recognise(TemporaryFiles().write("x.tsv", text)).kind == .corpus)
    }

    @Test func whatCannotBeToldIsAsked() throws {
        for text in ["1\tshort text\n", "{\"id\": \"1\", \"text\": \"a\"}\n", "one two\nthree\n"] {
            let path = try TemporaryFiles().write("x", text)
            let error = #expect(throws: FormatError.self) { _ = try FileKind.recognise(path) }
            #expect(error == .ambiguous(path: path, found: "x"))
        }
    }

    /// Topics, judgements, results, documents and vectors: reading goes on behind a line that cannot be read.
    @Test func readersGoOnBehindABrokenLine() throws {
        let files = try TemporaryFiles()
        func ids(_ next: () throws(FormatError) -> String?) throws -> (found: [String], broken: [Int?]) {
            var (found, broken): ([String], [Int?]) = ([], [])
            while true {
                do throws(FormatError) {
                    guard let id = try next() else { return (found, broken) }
                    found.append(id)
                } catch {
                    guard error.isOfOneLine else { throw error }
                    broken.append(error.line)
                }
            }
        }
        let topics = try TopicReader(path: files.write("topics", "1\ta\n2\n3\tc\n"))
        let judged = try QrelsRows(path: files.write("qrels", "1 0 a 1\n2 0\n3 0 c 1\n"))
        var results = try RunRows(path: files.write("run", "1 Q0 a 1 9 x\n2 Q0\n3 Q0 c 1 x x\n4 Q0 d 1 inf x\n"))
        let documents = try CorpusReader(
            path: files.write("corpus.jsonl", "{\"id\":\"1\",\"text\":\"\"}\n{\n{\"id\":\"3\",\"text\":\"\"}\n"))
        let vectors = try VectorReader(
            path: files.write("v", "{\"id\":\"1\",\"vector\":{}}\n{}\n{\"id\":\"3\",\"vector\":{\"a\":1}}\n"))
        for (found, broken) in [
            try ids { () throws(FormatError) in try topics.next()?.topic.id },
            try ids { () throws(FormatError) in try judged.next()?.query },
            try ids { () throws(FormatError) in try documents.next()?.id },
            try ids { () throws(FormatError) in try vectors.next()?.id },
        ] {
            #expect(found == ["1", "3"])
            #expect(broken == [2])
        }
        let (found, broken) = try ids { () throws(FormatError) in try results.next()?.query }
        #expect(found == ["1", "4"])
        #expect(broken == [2, 3])
    }
}
