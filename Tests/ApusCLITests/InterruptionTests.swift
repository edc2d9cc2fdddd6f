import ApusTestSupport
import Foundation
import Testing

/// An interrupted build leaves an index that opens; nothing that was committed is lost.
@Suite struct InterruptionTests {
    /// Starts an indexing run that takes seconds, sends the signal in the middle of it and waits for the end.
    private func interrupt(with number: Int32, _ index: String) throws -> Process {
        let lines = (0..<60_000).map {
            #"{"_id": "d\#($0)", "text": "fish number \#($0) swims with \#($0 * 7 % 1000) others"}"#
        }
        let corpus = try TestPaths.temporaryDirectory() + "/corpus.jsonl"
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: corpus))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLineTool.path)
        process.arguments = ["index", corpus, "-o", index, "--model", "none"]
        process.standardError = FileHandle(forWritingAtPath: "/dev/null")
        process.standardOutput = FileHandle(forWritingAtPath: "/dev/null")
        try process.run()
        while process.isRunning, !FileManager.default.fileExists(atPath: index + "/seg-1.sqlite.tmp") { usleep(2000) }
        usleep(100_000)
        try #require(process.isRunning, "the build ended before it could be interrupted")
        kill(process.processIdentifier, number)
        process.waitUntilExit()
        return process
    }

    @Test func killNineOfAFirstBuildIsNoObstacle() throws {
        let index = try TestPaths.temporaryDirectory() + "/index"
        let process = try interrupt(with: SIGKILL, index)
        #expect(process.terminationReason == .uncaughtSignal)
        // Nothing had been committed: there is no index yet, and the same command begins it as if nothing had been.
        #expect(try CommandLineTool.run("check", index).error.contains("is no index"))
        let lines = #"{"_id": "d1", "text": "fish"}"# + "\n" + #"{"_id": "last", "text": "fish"}"# + "\n"
        let again = try CommandLineTool.run(["index", "-", "-o", index, "--model", "none"], input: lines)
        #expect(again.code == 0, "\(again.error)")
        #expect(try CommandLineTool.run("get", index, "last").code == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: index).sorted()
        #expect(names.count == 3 && !names.contains { $0.hasSuffix(".tmp") }, "\(names)")
    }

    /// Ctrl-C, `kill`, a terminal that closes: 128 and the signal's number, as shells count.
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func anInterruptionKeepsWhatWasIndexed(number: Int32) throws {
        let index = try TestPaths.temporaryDirectory() + "/index"
        let process = try interrupt(with: number, index)
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 128 + number)
        let checked = try CommandLineTool.run("check", index, "--json")
        let kept = try JSONDecoder().decode([String: Int].self, from: Data(checked.output.utf8))
        #expect((512..<60_000).contains(kept["documents"] ?? 0))
        #expect(checked.error.contains("--resume"))
        #expect(try CommandLineTool.run("get", index, "d511").code == 0)
    }

    /// nohup starts a command with the hang-up ignored; it then goes on.
    @Test func anIgnoredHangUpStaysIgnored() throws {
        let index = try TestPaths.temporaryDirectory() + "/index"
        let script = #"""
            trap '' HUP; (for i in 1 2 3 4 5 6 7 8; do printf '{"id":"%d","contents":"fish"}\n' $i; sleep 0.1; done) |
                "$0" index - -o "$1" --model none & sleep 0.4; kill -HUP $!; wait $!
            """#
        let result = try CommandLineTool.shell(script, index)
        #expect(result.code == 0 && result.output.contains("now holds 8."), "\(result.output) \(result.error)")
    }

    /// A build whose readers have gone is built all the same.
    @Test func aClosedPipeDoesNotEndABuild() throws {
        let folder = try TestPaths.temporaryDirectory()
        let lines = (0..<20_000).map { #"{"_id": "d\#($0)", "text": "fish \#($0)"}"# }.joined(separator: "\n")
        try Data(lines.utf8).write(to: URL(fileURLWithPath: folder + "/corpus.jsonl"))
        let script = #"set -o pipefail; "$0" index "$1/corpus.jsonl" -o "$1/index" --model none 2>&1 | true"#
        #expect(try CommandLineTool.shell(script, folder).code == 0)
        #expect(try CommandLineTool.run("get", folder + "/index", "d19999").code == 0)
    }

    @Test func aClosedPipeIsNoError() throws {
        let index = try TestPaths.temporaryDirectory() + "/index"
        let lines = (0..<2000).map { #"{"_id": "d\#($0)", "text": "fish"}"# }.joined(separator: "\n")
        #expect(try CommandLineTool.run(["index", "-", "-o", index, "--model", "none"], input: lines).code == 0)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [
            "-c", "set -o pipefail; \"$0\" search \"$1\" fish -k 2000 2>/dev/null | head -1 >/dev/null",
            CommandLineTool.path, index,
        ]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
