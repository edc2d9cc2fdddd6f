import Apus
import ArgumentParser
import Foundation

/// `apus-bench serving`
struct ServingBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serving",
        abstract: "What HTTP adds to a query: the library in this process and a running server, turn about.",
        discussion: """
            'apus serve INDEX --port N' must run. Each query is searched by the library (search, and the hits' texts) and asked over \
            one connection that stays open (the same, and JSON); times are by the clock, in milliseconds, and the ids of both \
            answers are compared first. Prints a Markdown table.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Option(help: "Topics.", completion: .file())
    var topics: String

    @Option(name: .shortAndLong, help: "The server's port.")
    var port = 8080

    @Option(help: "The mode.")
    var mode = SearchMode.bm25

    @Option(help: "siamese, inference-free or blended; the model's own without it.")
    var querySide: String?

    @Option(help: "Rounds over all topics.")
    var rounds = 5

    func run() throws {
        let opened = try SearchIndex(index)
        let name = URL(fileURLWithPath: index).lastPathComponent
        var options = SearchOptions()
        options.mode = mode
        options.side = querySide.flatMap { QuerySide(rawValue: $0) }
        let connection = try KeptConnection(port: port)
        var (library, served, added) = (Latencies(), Latencies(), Latencies())
        let clock = ContinuousClock()
        for round in 0...max(1, rounds) {
            for topic in try Topics.read(topics) {
                let query = topic.text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                let side = querySide.map { "&query_side=\($0)" } ?? ""
                let path = "/v1/\(name)/search?hits=10&mode=\(mode.rawValue)\(side)&query=\(query)"
                var ids: [String] = []
                var body: [UInt8] = []
                let alone = try clock.measure {
                    let answer = try opened.search(topic.text, options)
                    ids = answer.documents.map(\.id)
                    _ = try opened.documents.documents(ids)
                }
                let asked = try clock.measure { body = try connection.get(path) }
                guard round > 0 else {
                    let found = JSONTree(body)?["candidates"]?.elements?.compactMap { $0["docid"]?.string }
                    guard found == ids else { throw BenchmarkError.wrongHits("HTTP") }
                    continue
                }
                library.add(alone / .milliseconds(1))
                served.add(asked / .milliseconds(1))
                added.add((asked - alone) / .milliseconds(1))
            }
        }
        try StandardOutput.print(
            "| \(mode.rawValue) \(querySide ?? "") | mean ms | p50 | p95 | p99 |\n|---|---|---|---|---|")
        for (name, times) in [("library", library), ("HTTP", served), ("HTTP, less the library's", added)] {
            var times = times
            let values = [times.mean] + [0.5, 0.95, 0.99].map { times.percentile($0) }
            try StandardOutput.print(
                "| \(name) | " + values.map { String(format: "%.3f", $0) }.joined(separator: " | ") + " |")
        }
    }
}

/// A connection to a server of this machine that stays open, one request at a time.
private final class KeptConnection {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = unsafe inet_addr("127.0.0.1")
        var one: Int32 = 1
        // Safe: the address and the option live for the calls, and their sizes are theirs.
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        guard isConnected else { throw POSIXError(.ECONNREFUSED) }
    }

    deinit { close(descriptor) }

    /// The body of an answer.
    func get(_ path: String) throws -> [UInt8] {
        let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        guard unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw POSIXError(.EPIPE)
        }
        var (answer, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { throw POSIXError(.ECONNRESET) }
            answer += buffer[..<count]
            guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
            let head = String(decoding: answer[..<end.lowerBound], as: UTF8.self).lowercased()
            guard let line = head.split(separator: "\r\n").first(where: { $0.hasPrefix("content-length:") }),
                let length = Int(line.dropFirst(15).filter(\.isNumber))
            else { throw POSIXError(.EBADMSG) }
            if answer.count >= end.upperBound + length { return Array(answer[end.upperBound...]) }
        }
    }
}
