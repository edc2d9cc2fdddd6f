import ApusTestSupport
import Foundation

/// Runs the built `apus` binary as a user would.
struct CommandLineTool {
    struct Result {
        let code: Int32
        let output: String
        let error: String
    }

    /// The binary beside the test bundle.
    static let path: String = {
        let directory = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
        let beside = directory + "/apus"
        return FileManager.default.fileExists(atPath: beside) ? beside : TestPaths.root + "/.build/debug/apus"
    }()

    static func run(_ arguments: String..., input: String? = nil) throws -> Result { try run(arguments, input: input) }

    static func run(_ arguments: [String], input: String? = nil) throws -> Result {
        try run(path, arguments, input: input ?? "")
    }

    /// Runs a bash script in which `$0` is the tool and `$1`, … are the arguments; its exit status and what it printed.
    static func shell(_ script: String, _ arguments: String...) throws -> Result {
        try run("/bin/bash", ["-c", script, path] + arguments, input: "")
    }

    private static func run(_ executable: String, _ arguments: [String], input: String) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        // Files, not pipes: a full pipe would stop the tool.
        for (name, text) in [("in", input), ("out", ""), ("err", "")] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
        }
        process.standardInput = FileHandle(forReadingAtPath: directory + "/in")
        process.standardOutput = FileHandle(forWritingAtPath: directory + "/out")
        process.standardError = FileHandle(forWritingAtPath: directory + "/err")
        try process.run()
        process.waitUntilExit()
        func text(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name)), as: UTF8.self)
        }
        return Result(code: process.terminationStatus, output: try text("out"), error: try text("err"))
    }
}
