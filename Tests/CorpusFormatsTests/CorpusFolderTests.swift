import ApusTestSupport
import CorpusFormats
import Foundation
import Glibc
import Testing

/// A folder's files are read, or counted, or named in an error; none is passed over in silence.
@Suite struct CorpusFolderTests {
    private func leftOut(_ reader: CorpusReader) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: reader.leftOut.map { ($0.kind, $0.count) })
    }

    @Test func whatIsLeftOutIsCountedByKind() throws {
        let files = try TemporaryFiles()
        for name in [
            "a.txt", "b.odt", "c.odt", "sub/d.PNG", "sub/e.csv.gz", "README", ".hidden", ".git/x.txt", "f.md",
        ] {
            _ = try files.write(name, "red fox")
        }
        let reader = try CorpusReader(path: files.folder)
        while try reader.next() != nil {}
        #expect(reader.documentCount == 2)
        #expect(leftOut(reader) == [".odt": 2, ".png": 1, ".csv.gz": 1, "without an extension": 1])
        #expect(reader.leftOut.first?.kind == ".odt")
        let note = try #require(reader.notes.first)
        #expect(note.hasPrefix("5 files were left out of '\(files.folder)': 2 .odt, "), "\(note)")
        #expect(note.contains("(read: .txt .text .md "), "\(note)")
        #expect(note.hasSuffix("--source-files takes 2 of them: .csv.gz without an extension."), "\(note)")
    }

    @Test(arguments: [
        ("a.jsonl", #"{"id":"1","contents":"x"}"#, CorpusFormat.jsonl), ("a.tsv", "1\tx", .tsv),
        ("a.trec", "<DOC><DOCNO>1</DOCNO>x</DOC>", .trec), ("corpus.jsonl", #"{"_id":"1","text":"x"}"#, .beir),
    ])
    func everyKindOfFolderCounts(name: String, text: String, format: CorpusFormat) throws {
        let files = try TemporaryFiles()
        _ = try files.write(name, text)
        for other in ["queries.html", "notes.pdf"] { _ = try files.write(other, "x") }
        let reader = try CorpusReader(path: files.folder)
        #expect(reader.format == format)
        #expect(try reader.next()?.id == "1")
        #expect(try reader.next() == nil)
        // BEIR's queries and judgements belong beside its documents.
        #expect(leftOut(reader) == (format == .beir ? [".pdf": 1] : [".pdf": 1, ".html": 1]))
    }

    @Test func filesWithoutADocumentAreCounted() throws {
        let files = try TemporaryFiles()
        _ = try files.write("a.jsonl", #"{"id":"1","contents":"x"}"#)
        _ = try files.write("b.jsonl", "\n\n")
        let reader = try CorpusReader(path: files.folder)
        while try reader.next() != nil {}
        #expect(reader.barrenFiles == 1)
        #expect(reader.notes == ["1 file of '\(files.folder)' had no document."])
    }

    /// Ids of files are paths; what a run cannot hold is percent-encoded so that no two paths get one id.
    @Test func everyPathHasItsOwnID() throws {
        let names = [
            "plain.txt", "a b.txt", "a%20b.txt", "a%2520b.txt", "100%.txt", "50%off.txt", "%%41.txt", "%.txt",
            "tab\tname.txt",
            "line\nname.txt", "caf\u{E9}.txt", "cafe\u{301}.txt", "\u{301}x.txt", "nb\u{A0}sp.txt", "sub/a b.txt",
        ]
        let files = try TemporaryFiles()
        for name in names { _ = try files.write(name, name) }
        for path in [files.folder, files.folder + "/", files.folder + "//"] {
            let found = try documents(path)
            #expect(found.count == names.count)
            #expect(Set(found.map { Array($0.id.utf8) }).count == names.count)
            var ids: [[UInt8]: String] = [:]
            for document in found { ids[Array(document.text.utf8)] = document.id }
            func id(_ name: String) -> String? { ids[Array(name.utf8)] }
            #expect(id("plain.txt") == "plain.txt" && id("100%.txt") == "100%.txt" && id("50%off.txt") == "50%off.txt")
            #expect(
                id("a b.txt") == "a%20b.txt" && id("a%20b.txt") == "a%2520b.txt" && id("a%2520b.txt") == "a%252520b.txt"
            )
            #expect(id("tab\tname.txt") == "tab%09name.txt" && id("line\nname.txt") == "line%0Aname.txt")
            #expect(id("nb\u{A0}sp.txt") == "nb%C2%A0sp.txt" && id("sub/a b.txt") == "sub/a%20b.txt")
            #expect(id("\u{301}x.txt")?.utf8.elementsEqual("\u{301}x.txt".utf8) == true)
        }
    }

    @Test func aNameThatIsNotUTF8IsNamed() throws {
        let files = try TemporaryFiles()
        _ = try files.write("a.txt", "x")
        func make(_ name: [UInt8]) {
            let path = (Array((files.folder + "/").utf8) + name + [0]).map(CChar.init(bitPattern:))
            let descriptor = unsafe open(path, O_CREAT | O_WRONLY, 0o600)
            close(descriptor)
        }
        make(Array("caf".utf8) + [0xE9] + Array(".txt".utf8))
        let reader = try CorpusReader(path: files.folder)
        while try reader.next() != nil {}
        #expect(reader.passedOver == [PassedOverFile(name: "caf\u{FFFD}.txt", fault: .badName)])
        // Of other corpora every file counts.
        make(Array("caf".utf8) + [0xE9] + Array(".jsonl".utf8))
        let error = #expect(throws: FormatError.self) { _ = try documents(files.folder) }
        #expect(error == .badFileName(path: files.folder + "/caf\u{FFFD}.jsonl"))
    }

    @Test func linksAndPipesHangNothing() throws {
        let files = try TemporaryFiles()
        let target = try files.write("a.txt", "x")
        _ = try files.write("sub/b.txt", "y")
        unsafe #expect(symlink(files.folder, files.folder + "/sub/up") == 0)
        unsafe #expect(symlink(target, files.folder + "/link.txt") == 0)
        unsafe #expect(mkfifo(files.folder + "/pipe.txt", 0o600) == 0)
        let reader = try CorpusReader(path: files.folder)
        var ids: [String] = []
        while let document = try reader.next() { ids.append(document.id) }
        #expect(ids == ["a.txt", "link.txt", "sub/b.txt"])
        #expect(leftOut(reader) == ["linked folder": 1, "pipe, socket or device": 1])
    }

    @Test func aBrokenLinkIsNamedWithItsCause() throws {
        let files = try TemporaryFiles()
        _ = try files.write("a.txt", "x")
        unsafe #expect(symlink("loop.txt", files.folder + "/loop.txt") == 0)
        let reader = try CorpusReader(path: files.folder)
        while try reader.next() != nil {}
        #expect(reader.documentCount == 1)
        #expect(reader.passedOver.map(\.name) == ["loop.txt"])
        #expect(
            reader.notes == [
                "1 file of '\(files.folder)' could not be read: loop.txt (cannot open: Too many levels of symbolic links)."
            ])
    }

    /// The system's own words for why: ELOOP and ENOTDIR, which root meets as well.
    @Test func anErrorIsTheSystemsOwn() throws {
        let files = try TemporaryFiles()
        let loop = files.folder + "/loop"
        unsafe #expect(symlink("loop", loop) == 0)
        #expect(throws: FormatError.io(path: loop, operation: "open", code: ELOOP)) { _ = try documents(loop) }
        let inside = try files.write("a.txt", "x") + "/b"
        #expect(throws: FormatError.io(path: inside, operation: "open", code: ENOTDIR)) { _ = try documents(inside) }
    }

}
