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
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        // Files, not pipes: a full pipe would stop the tool.
        for name in ["in", "out", "err"] {
            try Data((name == "in" ? input ?? "" : "").utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
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

    /// Runs a bash script in which `$0` is the tool and `$1`, … are the arguments; its exit status and what it printed.
    static func shell(_ script: String, _ arguments: String...) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script, path] + arguments
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for name in ["out", "err"] {
            _ = FileManager.default.createFile(atPath: directory + "/" + name, contents: nil)
        }
        process.standardInput = FileHandle(forReadingAtPath: "/dev/null")
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
