import ApusTestSupport
import Foundation
import Testing

/// A Python with numpy, better with scipy, pandas and the field's tools too, that `APUS_PYTHON` names: with a library that is not
/// optimised these tests take many minutes.
enum Python {
    static let path: String? = {
        guard let named = ProcessInfo.processInfo.environment["APUS_PYTHON"] else { return nil }
        return (try? run(named, ["-c", "import numpy"]))?.code == 0 ? named : nil
    }()

    struct Result {
        var code: Int32
        var output: String
    }

    static func run(_ python: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        (process.standardOutput, process.standardError) = (pipe, pipe)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(code: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
    }
}

/// `Scripts/python`: the module's own tests, over the library that this build made.
@Suite(.enabled(if: Python.path != nil, "APUS_PYTHON names no Python with numpy"), .serialized)
struct PythonTests {
    /// The library stands beside the test bundle.
    private static let library = {
        let directory = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
        let beside = directory + "/libapus-c.so"
        return FileManager.default.fileExists(atPath: beside) ? beside : TestPaths.root + "/.build/debug/libapus-c.so"
    }()

    @Test(arguments: ["test_index", "test_failures", "test_evaluation", "test_adapters", "test_documentation"])
    func theModulesOwnTestsPass(name: String) throws {
        try #require(FileManager.default.fileExists(atPath: Self.library), "\(Self.library) was not built")
        let found = try Python.run(
            Python.path ?? "python3", ["-B", "-m", "unittest", "-v", name],
            environment: [
                "APUS_LIBRARY": Self.library, "APUS_ROOT": TestPaths.root,
                "PYTHONPATH": TestPaths.root + "/Scripts/python:" + TestPaths.root + "/Scripts/python/tests",
            ])
        #expect(found.code == 0, "\(found.output)")
    }
}
