import Apus
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Compresses the bodies of responses for clients that take gzip, where it pays.
struct GzipResponses: RouterMiddleware {
    /// Shorter bodies fit into one packet as they are.
    private static let least = 1400
    /// Of zlib's levels: the usual one is a tenth smaller and takes two and a half times as long, on the threads that read requests.
    private static let level: Int32 = 1

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard Self.takesGzip(request.headers[.acceptEncoding]), let length = response.body.contentLength,
            length >= Self.least,
            response.headers[.contentEncoding] == nil
        else { return response }
        let plain = ByteCollector()
        try await response.body.write(plain)
        let deflater = try GzipDeflater(path: "the response", level: Self.level)
        let packed = deflater.deflate(plain.bytes[...], isLast: true)
        response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: packed))
        response.headers[.contentEncoding] = "gzip"
        response.headers[.contentLength] = "\(packed.count)"
        response.headers[.vary] = "Accept-Encoding"
        return response
    }

    /// Whether a client names gzip, or anything, without refusing it.
    static func takesGzip(_ header: String?) -> Bool {
        (header ?? "").split(separator: ",").contains { part in
            let pieces = part.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            guard let name = pieces.first, name == "gzip" || name == "*" else { return false }
            return !pieces.dropFirst().contains { $0 == "q=0" || $0 == "q=0.0" || $0 == "q=0.00" || $0 == "q=0.000" }
        }
    }
}

/// Collects a body that is in memory.
private final class ByteCollector: ResponseBodyWriter, @unchecked Sendable {
    private(set) var bytes: [UInt8] = []
    func write(_ buffer: ByteBuffer) async throws { bytes += buffer.readableBytesView }
    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
