import ApusTestSupport
import CorpusFormats
import Foundation
import Glibc
import Testing

/// A folder is read as people have it: one bad file is counted and named, and the others are read.
@Suite struct DocumentFolderTests {
    private func read(_ files: TemporaryFiles, _ options: FolderOptions = FolderOptions()) throws -> (
        texts: [String: String], reader: CorpusReader
    ) {
        let reader = try CorpusReader(path: files.folder, options: options)
        var texts: [String: String] = [:]
        while let document = try reader.next() { texts[document.id] = document.text }
        return (texts, reader)
    }

    @Test func lettersAreToldByTheirMarkOrGuessedAndSaid() throws {
        let files = try TemporaryFiles()
        _ = try files.write("utf8.txt", "caf\u{E9} \u{20AC}")
        _ = try files.write("marked.txt", [0xEF, 0xBB, 0xBF] + Array("caf\u{E9}".utf8))
        _ = try files.write(
            "little.txt", [0xFF, 0xFE] + "caf\u{E9} \u{1F989}".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        _ = try files.write(
            "big.txt", [0xFE, 0xFF] + "caf\u{E9}".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
        _ = try files.write("latin.txt", Array("caf".utf8) + [0xE9, 0x20, 0x80, 0x93])
        _ = try files.write("damaged.txt", Array("caf\u{E9} d\u{E9}j\u{E0} ".utf8) + [0xC3])
        let (texts, reader) = try read(files)
        #expect(
            texts == [
                "utf8.txt": "caf\u{E9} \u{20AC}", "marked.txt": "caf\u{E9}", "little.txt": "caf\u{E9} \u{1F989}",
                "big.txt": "caf\u{E9}", "latin.txt": "caf\u{E9} \u{20AC}\u{201C}",
                "damaged.txt": "caf\u{E9} d\u{E9}j\u{E0} \u{FFFD}",
            ])
        #expect(
            reader.notes == [
                "1 file of '\(files.folder)' is not UTF-8 and was read as Windows-1252: latin.txt.",
                "1 file of '\(files.folder)' is not UTF-8 and was read as UTF-8 with damaged letters: damaged.txt.",
            ])
    }

    @Test func whatCannotBeReadIsCountedAndNamed() throws {
        let files = try TemporaryFiles()
        _ = try files.write("good.txt", "owl")
        _ = try files.write("program.txt", [0x7F, 0x45, 0x4C, 0x46, 0, 1])
        _ = try files.write("noise.md", [0x00, 0xFF, 0x00, 0xC3, 0x28])
        _ = try files.write("cut.txt.gz", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x4B])
        _ = try files.write("fake.pdf", "no PDF")
        _ = try files.write("long.txt", String(repeating: "x", count: 2000))
        unsafe #expect(symlink("nowhere.txt", files.folder + "/dangling.txt") == 0)
        unsafe #expect(symlink(".", files.folder + "/circle") == 0)
        try FileManager.default.createDirectory(atPath: files.folder + "/folder.txt", withIntermediateDirectories: true)
        var options = FolderOptions()
        options.maximumBytes = 1000
        let (texts, reader) = try read(files, options)
        #expect(texts == ["good.txt": "owl"])
        let faults = Dictionary(uniqueKeysWithValues: reader.passedOver.map { ($0.name, $0.fault.description) })
        #expect(
            faults == [
                "program.txt": "it is a program", "noise.md": "it holds no text", "fake.pdf": "it is no PDF",
                "cut.txt.gz": "its compressed data end in the middle", "long.txt": "it is larger than 0 MB",
                "dangling.txt": "cannot open: No such file or directory",
            ])
        #expect(reader.leftOut.map(\.kind) == ["linked folder"])
        #expect(reader.notes.contains { $0.hasPrefix("6 files of '\(files.folder)' could not be read: cut.txt.gz (") })
        #expect(reader.notes.contains { $0.hasSuffix(", and 3 more. Larger files are read with --max-file-size.") })
    }

    /// Who names one file wants that one: what is wrong with it is an error.
    @Test func aFileAskedForByNameIsReadOrAnError() throws {
        let files = try TemporaryFiles()
        #expect(try documents(files.write("a.html", "<title>T</title>x")).first?.title == "T")
        #expect(throws: FormatError.unconvertible(path: files.folder + "/a.pdf", fault: .refused("it is no PDF"))) {
            _ = try documents(files.write("a.pdf", "x"))
        }
        #expect(throws: FormatError.missing(path: files.folder + "/none.html")) {
            _ = try documents(files.folder + "/none.html")
        }
    }

    @Test func sourceCodeIsReadOnRequest() throws {
        let files = try TemporaryFiles()
        _ = try files.write("a.txt", "owl")
        _ = try files.write("src/main.c", "int main(void) { return 0; }\n")
        _ = try files.write("Makefile", "all:\n\tcc\n")
        _ = try files.write("tool", [0x7F, 0x45, 0x4C, 0x46, 0])
        #expect(try read(files).texts.keys.sorted() == ["a.txt"])
        var options = FolderOptions()
        options.takesSourceFiles = true
        let (texts, reader) = try read(files, options)
        #expect(
            texts["src/main.c"] == "int main(void) { return 0; }" && texts["Makefile"] == "all:\n\tcc"
                && texts.count == 3)
        #expect(reader.passedOver.map(\.name) == ["tool"])
    }

    @Test func aFolderIsWhatMostOfItIs() throws {
        let files = try TemporaryFiles()
        _ = try files.write("settings.json", "{\n  \"indent\": 4\n}\n")
        for name in ["a.html", "b.html"] { _ = try files.write(name, "<p>x") }
        _ = try files.write("table.tsv", "1\tx")
        #expect(try CorpusReader(path: files.folder).format == .folder)
        _ = try files.write("a.json", #"{"id":"1","contents":"x"}"#)
        #expect(try CorpusReader(path: files.folder).format == .jsonl)
        #expect(
            try CorpusReader(path: files.folder).notes.first?.contains("--format folder takes 2 of them: .html.")
                == true)
        #expect(try CorpusReader(path: files.folder, format: .folder).format == .folder)
    }

    @Test func theIndexInsideTheFolderIsPassedOver() throws {
        let files = try TemporaryFiles()
        _ = try files.write("a.txt", "owl")
        let inside = try files.write("Indexes/mine/b.txt", "no")
        var options = FolderOptions()
        options.excluded = [(inside as NSString).deletingLastPathComponent]
        #expect(try read(files, options).texts.keys.sorted() == ["a.txt"])
    }

    @Test func headsOfMarkdownAreRead() throws {
        let files = try TemporaryFiles()
        let found = try documents(files.write("a.md", "---\ntitle: \"Night owls\"\ntags: [x]\n---\n# Head\n\ntext\n"))
            .first
        #expect(found?.title == "Night owls" && found?.text == "Head\n\ntext")
        let message = try read({ try files.write("m.eml", "From: Ada <a@b>\nSubject: S\n\ntext\n") }, files)
        #expect(message?.metadata?.hasSuffix(#","mail":{"from":"Ada <a@b>"}}"#) == true)
    }

    private func read(_ write: () throws -> String, _ files: TemporaryFiles) throws -> CorpusDocument? {
        let name = (try write() as NSString).lastPathComponent
        return try documents(files.folder).first { $0.id == name }
    }
}
