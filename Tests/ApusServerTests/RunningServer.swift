import Apus
import ApusServer
import ApusTestSupport
import Foundation
import FoundationNetworking
import Testing

/// A server over one small index, on a free port of this machine, for the length of a test.
struct RunningServer {
    let port: Int
    let index: String
    let server: SearchServer

    static let texts = [
        "a1": "rivers carry stone to the sea", "a2": "a stone in the river",
        "a3": "glaciers move slowly and carve stone",
        "a4": "the sea is deep", "a5": "stone stone stone",
    ]

    /// - Parameters:
    ///   - change: What differs from the defaults.
    ///   - model: The index's encoder; without one there is BM25 alone.
    ///   - texts: The documents' by id.
    ///   - passages: How long ones are split.
    static func with(
        _ change: (inout ServerOptions) -> Void = { _ in }, model: ModelChoice = .none,
        texts: [String: String] = texts, passages: PassageSplit? = nil,
        _ body: @escaping @Sendable (RunningServer) async throws -> Void
    ) async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let lines = texts.sorted { $0.key < $1.key }.enumerated().map { place, entry in
            #"{"_id":"\#(entry.key)","title":"T\#(place)","text":"\#(entry.value)","number":\#(place),"tags":["x","t\#(place)"]}"#
        }
        try lines.joined(separator: "\n").write(toFile: directory + "/in.jsonl", atomically: true, encoding: .utf8)
        var builder = IndexBuilder(directory: directory + "/small")
        (builder.model, builder.passages) = (model, passages)
        _ = try await builder.build(from: [directory + "/in.jsonl"])
        var options = ServerOptions()
        options.port = 0
        // Slow tests side by side are no overload.
        options.longestWait = .seconds(600)
        change(&options)
        let server = try SearchServer([("small", try SearchIndex(directory + "/small"))], options)
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run { found.yield($0) } }
            group.addTask {
                for await port in ports {
                    try await body(RunningServer(port: port, index: directory + "/small", server: server))
                    break
                }
            }
            // Whichever ends first: the test, or a server that could not start.
            try await group.next()
            group.cancelAll()
        }
    }

    /// The status and the body of a request's answer.
    func ask(_ method: String, _ path: String, _ body: String? = nil, headers: [String: String] = [:]) async throws
        -> Answer
    {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let http = try #require(response as? HTTPURLResponse)
        return Answer(
            status: http.statusCode, text: String(decoding: data, as: UTF8.self),
            requestID: http.value(forHTTPHeaderField: "X-Request-ID"),
            allow: http.value(forHTTPHeaderField: "Allow"))
    }

    /// What comes back for bytes that may be no HTTP at all, until the server closes or nothing comes for a while.
    ///
    /// On a thread of its own: the server may need the ones that tests run on.
    func raw(_ bytes: String) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: exchange(bytes)) }
        }
    }

    private func exchange(_ bytes: String) -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var wait = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return "not connected" }
        let sent = Array(bytes.utf8)
        _ = send(descriptor, sent, sent.count, Int32(MSG_NOSIGNAL))
        var (answer, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
        return String(decoding: answer, as: UTF8.self)
    }
}

/// What a server answered.
struct Answer: Sendable {
    let status: Int
    let text: String
    let requestID: String?
    let allow: String?

    var json: JSONTree? { JSONTree(Array(text.utf8)) }
    /// The ids of OpenSearch's hits.
    var hits: [String] { json?["hits"]?["hits"]?.elements?.compactMap { $0["_id"]?.string } ?? [] }
    /// The ids of Anserini's candidates.
    var candidates: [String] { json?["candidates"]?.elements?.compactMap { $0["docid"]?.string } ?? [] }
}
