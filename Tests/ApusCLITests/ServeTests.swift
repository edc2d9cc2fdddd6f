import ApusTestSupport
import Foundation
import FoundationNetworking
import Testing

/// `apus serve` under `kill -9`: what it acknowledged is there, and what it did not is there whole or not at all.
@Suite struct ServeTests {
    /// Writers that each change their own documents until the server is gone.
    @Test func nothingAcknowledgedIsLost() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try #"{"_id":"old","title":"","text":"an old walrus"}"#.write(
            toFile: directory + "/in.jsonl", atomically: true, encoding: .utf8)
        let built = try CommandLineTool.run(
            "index", directory + "/in.jsonl", "--output", directory + "/kept", "--model", "none")
        try #require(built.code == 0, "\(built.error)")
        var states: [Written] = (0..<4).map { Written(prefix: "w\($0)-") }
        var random = SplitMix64(seed: 17)
        for round in 0..<3 {
            // A folder that is no index stands for the indexes in it.
            let (server, port) = try await Self.serve(round == 0 ? directory : directory + "/kept")
            let wait = UInt64.random(in: 50...400, using: &random)
            let seeds = states.map { _ in random.next() }
            let begun = states
            states = await withTaskGroup(of: (Int, Written).self) { group in
                for (number, written) in begun.enumerated() {
                    group.addTask { (number, await written.changing(port, SplitMix64(seed: seeds[number]))) }
                }
                try? await Task.sleep(for: .milliseconds(wait))
                kill(server.processIdentifier, SIGKILL)
                var ended = begun
                for await (number, written) in group { ended[number] = written }
                return ended
            }
            server.waitUntilExit()
            let checked = try CommandLineTool.run("check", directory + "/kept", "--deep")
            #expect(checked.code == 0, "round \(round): \(checked.output)\(checked.error)")
            // Whoever read the log is gone: that ends nothing.
            let (again, newPort) = try await Self.serve(directory + "/kept", isHeard: false)
            for place in states.indices {
                // A bulk is one commit.
                var isNew: Set<Bool> = []
                for (id, wanted) in states[place].pending where states[place].known[id] != wanted {
                    isNew.insert(try await Self.text(newPort, id) == wanted)
                }
                #expect(isNew.count <= 1, "round \(round): a request is there in part")
                if isNew == [true] { states[place].known.merge(states[place].pending) { $1 } }
                states[place].pending = [:]
                for (id, wanted) in states[place].known {
                    let found = try await Self.text(newPort, id)
                    #expect(found == wanted, "round \(round): \(id)")
                }
            }
            again.terminate()
            again.waitUntilExit()
            #expect(again.terminationStatus == 0)
        }
        #expect(states.contains { !$0.known.isEmpty })
    }

    private static func serve(_ index: String, isHeard: Bool = true) async throws -> (Process, Int) {
        for _ in 0..<5 {
            let port = Int.random(in: 20_000..<60_000)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: CommandLineTool.path)
            process.arguments = ["serve", index, "--port", "\(port)"]
            let log = Pipe()
            process.standardError = isHeard ? FileHandle.nullDevice : log
            try log.fileHandleForReading.close()
            try process.run()
            for _ in 0..<600 where process.isRunning {
                if (try? await ask("GET", port, "/readyz"))?.0 == 200 { return (process, port) }
                try await Task.sleep(for: .milliseconds(20))
            }
            process.terminate()
            process.waitUntilExit()
        }
        throw CocoaError(.executableLoad)
    }

    private static func text(_ port: Int, _ id: String) async throws -> String? {
        let (status, data) = try await ask("GET", port, "/kept/_doc/\(id)")
        guard status == 200, let answer = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            return nil
        }
        return (answer["_source"] as? [String: Any])?["text"] as? String
    }

    static func ask(_ method: String, _ port: Int, _ path: String, _ body: String? = nil) async throws -> (Int, Data) {
        guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        let (data, response) = try await URLSession.shared.data(for: request)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
    }
}

/// What one writer was told of its documents, and what it asked for last.
private struct Written: Sendable {
    let prefix: String
    var known: [String: String] = [:]
    var pending: [String: String] = [:]

    init(prefix: String) { self.prefix = prefix }

    /// Adds and replaces documents, one or several at a time, until nobody answers.
    func changing(_ port: Int, _ seeded: SplitMix64) async -> Written {
        var (written, random) = (self, seeded)
        while true {
            let count = [1, 1, 4][Int.random(in: 0..<3, using: &random)]
            let start = Int.random(in: 0..<8, using: &random)
            written.pending = [:]
            for number in start..<(start + count) {
                written.pending[prefix + "\(number)"] = "walrus \(random.next())"
            }
            let lines = written.pending.map { "{\"index\":{\"_id\":\"\($0)\"}}\n{\"text\":\"\($1)\"}\n" }.joined()
            guard let (status, _) = try? await ServeTests.ask("POST", port, "/kept/_bulk", lines), status == 200 else {
                return written
            }
            written.known.merge(written.pending) { $1 }
            written.pending = [:]
        }
    }
}
