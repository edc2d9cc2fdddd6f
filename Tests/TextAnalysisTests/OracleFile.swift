import ApusTestSupport
import Foundation

/// One line of a fixture that an oracle wrote.
struct TermsLine: Decodable {
    let text: String
    let terms: [String]
}

/// One line of a fixture that an oracle wrote.
struct IDsLine: Decodable {
    let text: String
    let ids: [Int32]
}

/// Reads the fixtures of this target.
enum OracleFile {
    static func path(_ name: String) -> String { TestPaths.fixtures + "/TextAnalysis/" + name }

    static func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    static func text(_ name: String) throws -> String { String(decoding: try bytes(path(name)), as: UTF8.self) }

    /// The lines of a JSON lines file, or of the larger file of the same form that the environment variable names.
    static func lines<Line: Decodable>(_ name: String, orIn variable: String) throws -> [Line] {
        let path = ProcessInfo.processInfo.environment[variable] ?? path(name)
        let decoder = JSONDecoder()
        return try bytes(path).split(separator: UInt8(ascii: "\n")).map { try decoder.decode(Line.self, from: $0) }
    }
}
