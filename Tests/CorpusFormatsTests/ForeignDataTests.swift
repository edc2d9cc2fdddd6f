import ApusTestSupport
import CorpusFormats
import Foundation
import Testing

/// Archives, tables and other encodings are refused by their name, by every reader and whatever the file is called.
@Suite struct ForeignDataTests {
    private static let samples: [([UInt8], String)] = [
        ([0x50, 0x4B, 3, 4, 20, 0], "a zip archive"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0], "xz data"), (Array("BZh91AY&SY".utf8), "bzip2 data"),
        (Array("PAR1".utf8) + [0x15, 4], "a parquet file"), (Array("%PDF-1.4\n".utf8), "a PDF"),
        (Array("SQLite format 3\0".utf8), "an SQLite database"), ([0xFF, 0xFE, 0x61, 0], "UTF-16 text"),
        ([0xFE, 0xFF, 0, 0x61], "UTF-16 text"), (Array("{\0\"\0i\0d\0\"\0:\0".utf8), "UTF-16 text"),
        (Array("\0a\0\t\0b\0c".utf8), "UTF-16 text"),
        ([UInt8](repeating: 0x61, count: 257) + Array("ustar\0".utf8), "a tar archive"),
    ]

    @Test func theirNameIsSaid() throws {
        let files = try TemporaryFiles()
        for (bytes, name) in Self.samples {
            let path = try files.write("a.jsonl", bytes)
            // A text file that says that it is UTF-16 is read.
            let isMarked = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
            let readers: [() throws -> Void] = [
                { _ = try documents(path) }, { _ = try documents(path, format: isMarked ? nil : .folder) },
                { _ = try Topics.read(path) },
                { _ = try QrelsFile.read(path) }, { _ = try VectorReader(path: path) }, { _ = try RunFile.read(path) },
            ]
            for read in readers {
                let error = #expect(throws: FormatError.self) { try read() }
                let text = error.map { "\($0)" } ?? ""
                // Matrices of vectors are such archives, whole ones.
                let isMatrix = name == "a zip archive" && text.hasPrefix("'\(path)' is no sound zip archive: ")
                #expect(isMatrix || text.hasPrefix("'\(path)' is \(name). "), "\(text)")
            }
        }
    }

    @Test func compressedTwiceIsSaid() throws {
        let files = try TemporaryFiles()
        let once = try files.gzipped("d1\tone\n")
        let plain = try files.write("once.gz", once)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/gzip")
        process.arguments = ["-c", plain]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let path = try files.write("twice.tsv.gz", [UInt8](pipe.fileHandleForReading.readDataToEndOfFile()))
        process.waitUntilExit()
        let error = #expect(throws: FormatError.self) { _ = try documents(path) }
        #expect(error?.description.contains("gzip data inside gzip data") == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        "<html><body>x</body></html>", "<!DOCTYPE html>\n<p>",
        "<?xml version=\"1.0\"?>\n<!DOCTYPE HTML PUBLIC>\n<html>",
    ])
    func aPageIsNoCorpus(text: String) throws {
        let path = try TemporaryFiles().write("a", text)
        let error = #expect(throws: FormatError.self) { _ = try documents(path) }
        #expect(error?.description.contains("is an HTML page") == true, "\(String(describing: error))")
    }

    @Test func textsThatOnlyLookAlikeAreRead() throws {
        let files = try TemporaryFiles()
        for text in ["PAR1S is a city", "BZh is no word", "PK is a pilot", "ustar", "Obj", "%PD"] {
            #expect(try documents(files.write("a.tsv", "1\t" + text)).first?.text == text)
            #expect(try documents(files.write("a.txt", text), format: .folder).first?.text == text)
        }
    }
}
