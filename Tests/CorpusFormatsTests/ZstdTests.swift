import CZstd
import CorpusFormats
import Foundation
import Testing

/// Files compressed with zstd are read like plain ones, by every reader and whatever they are called; damage is said.
///
/// The bytes were written by zstd 1.5.4 (`zstd -c --check`), so that no test needs the tool.
@Suite(.enabled(if: apus_zstd_is_there() != 0, "there is no libzstd here")) struct ZstdTests {
    /// "d1⇥one⏎d2⇥two⏎", with a checksum behind it.
    private static let frame: [UInt8] = [
        0x28, 0xB5, 0x2F, 0xFD, 0x24, 0x0E, 0x71, 0x00, 0x00, 0x64, 0x31, 0x09, 0x6F, 0x6E, 0x65, 0x0A, 0x64, 0x32,
        0x09,
        0x74, 0x77, 0x6F, 0x0A, 0xE6, 0x02, 0x5D, 0x6F,
    ]

    @Test func aCompressedFileReadsAsAPlainOne() throws {
        let files = try TemporaryFiles()
        for name in ["a.tsv.zst", "misnamed.tsv", "queries.tsv.gz"] {
            let path = try files.write(name, Self.frame)
            #expect(try documents(path).map(\.text) == ["one", "two"])
            #expect(try Topics.read(path) == [Topic(id: "d1", text: "one"), Topic(id: "d2", text: "two")])
        }
        let folder = try TemporaryFiles()
        _ = try folder.write("part.tsv.zst", Self.frame)
        _ = try folder.write("left.csv.zst", Self.frame)
        let reader = try CorpusReader(path: folder.folder)
        #expect(reader.format == .tsv)
        #expect(reader.leftOut.map(\.kind) == [".csv.zst"])
        #expect(try reader.next()?.id == "d1")
    }

    @Test func framesInARowAreOneFile() throws {
        let files = try TemporaryFiles()
        // A skippable frame of 3 bytes, as pzstd writes before each of its frames.
        let skipped: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        let path = try files.write("a.tsv.zst", skipped + Self.frame + skipped + Self.frame)
        #expect(try documents(path).map(\.text) == ["one", "two", "one", "two"])
    }

    @Test func everyTruncationIsRefused() throws {
        let files = try TemporaryFiles()
        for length in 4..<Self.frame.count {
            let path = try files.write("a.tsv.zst", Self.frame[..<length])
            #expect(throws: FormatError.truncatedZstd(path: path), "cut at \(length)") { _ = try documents(path) }
        }
    }

    @Test func damageIsRefused() throws {
        let files = try TemporaryFiles()
        var damaged = Self.frame
        damaged[damaged.count - 1] ^= 1  // the checksum
        for bytes in [damaged, Self.frame + Array("xyz behind the end".utf8)] {
            let path = try files.write("a.tsv.zst", bytes)
            let error = #expect(throws: FormatError.self) { _ = try documents(path) }
            guard case .damagedZstd = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    /// Larger than every buffer, and in several frames; the tool says what the bytes are.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/zstd"), "there is no zstd here"))
    func aLargeFileOfTheToolReadsAsAPlainOne() throws {
        let files = try TemporaryFiles()
        let text = (0..<60_000).map { "d\($0)\ttext number \($0 &* 7919 % 10_007) of many\n" }.joined()
        let plain = try files.write("a.tsv", text)
        var packed: [UInt8] = []
        for level in ["-1", "-19"] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/zstd")
            process.arguments = ["-q", "-c", level, "--long=27", plain]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            packed += pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
        }
        let whole = try documents(plain)
        let found = try documents(files.write("a.tsv.zst", packed))
        #expect(found.count == 120_000)
        #expect(Array(found.prefix(60_000)) == whole)
        #expect(found.dropFirst(60_000).map(\.text) == whole.map(\.text))
    }
}

/// Where the library is missing, the file and the two ways out are named.
@Suite struct MissingZstdTests {
    @Test func theWayOutIsSaid() {
        #expect(
            FormatError.noZstd(path: "a.zst").description
                == "'a.zst' is zstd data, and there is no libzstd here to read it. Install libzstd1, or unpack the file with 'zstd -d' first."
        )
    }
}
