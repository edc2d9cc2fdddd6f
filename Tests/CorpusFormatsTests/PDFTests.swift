import ApusTestSupport
import CorpusFormats
import Foundation
import Glibc
import Testing

/// PDFs are what the programs on the PATH make of them; a stand-in says what is tested.
@Suite struct PDFTests {
    private static let plain = Array("%PDF-1.4\nx".utf8)

    /// Runs with programs of these scripts, and no others.
    private func with(_ programs: [String: String], _ body: (Stand) throws -> Void) throws {
        let (files, tools) = (try TemporaryFiles(), try TemporaryFiles())
        for (name, script) in programs {
            let path = try tools.write(name, "#!/bin/sh\n" + script)
            unsafe #expect(chmod(path, 0o755) == 0)
        }
        try body(Stand(files: files, programs: tools.folder))
    }

    private struct Stand {
        let files: TemporaryFiles
        let programs: String
        var folder: String { files.folder }
    }

    private func document(_ files: Stand, _ name: String = "my paper.pdf", seconds: Double = 60) throws
        -> CorpusDocument?
    {
        var options = FolderOptions()
        options.pdfSeconds = seconds
        options.maximumBytes = 1 << 20
        options.programs = files.programs
        let reader = try CorpusReader(path: files.files.write(name, Self.plain), options: options)
        return try reader.next()
    }

    @Test func titleAndTextAreThePrograms() throws {
        let info = "echo 'Title:          On owls'\n"
        try with(["pdftotext": "printf 'One\\n\\fTwo\\n\\f'\n", "pdfinfo": info]) { files in
            let found = try document(files)
            #expect(found?.title == "On owls" && found?.text == "One\n\nTwo")
        }
        try with(["pdftotext": "printf '\\n First  line \\nrest'\n"]) { files in
            let found = try document(files)
            #expect(found?.title == "First line")
        }
        try with(["pdftotext": "exit 0\n"]) { files in
            let found = try document(files)
            #expect(found?.title == "my paper" && found?.text == "")
        }
    }

    /// Names are no options and no shell's words.
    @Test func namesAreArguments() throws {
        let echo = "for word in \"$@\"; do echo \"[$word]\"; done\n"
        try with(["pdftotext": echo]) { files in
            let name = "-q $(touch x) 'y'.pdf"
            let found = try document(files, name)
            #expect(found?.text.hasSuffix("[\(files.folder)/\(name)]\n[-]") == true)
        }
    }

    @Test func aProgramThatIsStillBeingWrittenIsWaitedFor() throws {
        try with(["pdftotext": "echo owl\n"]) { files in
            let file = unsafe open(files.programs + "/pdftotext", O_WRONLY)
            #expect(file >= 0)
            Thread.detachNewThread {
                usleep(100_000)
                close(file)
            }
            let found = try document(files)
            #expect(found?.text.contains("owl") == true)
        }
    }

    @Test func whatTheProgramRefusesIsSaid() throws {
        func fault(_ files: Stand, seconds: Double = 60) -> FileFault? {
            do { _ = try document(files, seconds: seconds) } catch FormatError.unconvertible(_, let fault) {
                return fault
            } catch {}
            return nil
        }
        try with(["pdftotext": "echo 'Syntax Error: no trailer' >&2; exit 1\n"]) { files in
            #expect(fault(files) == .refused("pdftotext refuses it (Syntax Error: no trailer)"))
        }
        try with(["pdftotext": "kill -11 $$\n"]) { files in
            #expect(fault(files) == .refused("pdftotext was ended by signal 11"))
        }
        try with(["pdftotext": "exec sleep 30\n"]) { files in
            let start = ContinuousClock.now
            #expect(fault(files, seconds: 0.2) == .slow(seconds: 0.2))
            #expect(ContinuousClock.now - start < .seconds(5))
        }
        // As much as there is room for, and no more.
        try with(["pdftotext": "exec cat /dev/zero\n"]) { files in #expect(fault(files) == .tooLarge(limit: 1 << 20)) }
        try with([:]) { files in #expect(fault(files) == .noConverter) }
    }

    @Test func aFolderGoesOnWithoutTheProgram() throws {
        try with([:]) { files in
            _ = try files.files.write("a.txt", "owl")
            _ = try files.files.write("b.pdf", Self.plain)
            var options = FolderOptions()
            options.programs = files.programs
            let reader = try CorpusReader(path: files.folder, options: options)
            while try reader.next() != nil {}
            #expect(reader.documentCount == 1)
            #expect(
                reader.notes == [
                    "1 file of '\(files.folder)' could not be read, as there is no pdftotext to read it: b.pdf. "
                        + "Install poppler-utils to read PDFs."
                ])
        }
    }
}
