import ApusTestSupport
import CorpusFormats
import Foundation

/// Files that one test writes and reads.
struct TemporaryFiles {
    let folder: String

    init() throws { folder = try TestPaths.temporaryDirectory() }

    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let path = folder + "/" + name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(Array(bytes)).write(to: URL(fileURLWithPath: path))
        return path
    }

    func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

    /// The bytes as the system's gzip writes them.
    func gzipped(_ text: String) throws -> [UInt8] {
        let plain = try write("plain-\(UUID().uuidString)", text)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/gzip")
        process.arguments = ["-c", plain]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return [UInt8](data)
    }
}

/// All documents of a corpus.
func documents(_ path: String, format: CorpusFormat? = nil) throws -> [CorpusDocument] {
    let reader = try CorpusReader(path: path, format: format)
    var documents: [CorpusDocument] = []
    while let document = try reader.next() { documents.append(document) }
    return documents
}
