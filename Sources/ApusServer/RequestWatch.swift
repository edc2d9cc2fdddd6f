import Apus
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOHTTP1

/// Around every request: its id, its line in the log, its share of the metrics, and errors as JSON.
struct RequestWatch: RouterMiddleware {
    let metrics: ServerMetrics
    let budget: BodyBudget

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = request.headers[.requestID].flatMap(Self.usable) ?? Self.newID()
        context.held = HeldBytes(of: budget)
        context.logger[metadataKey: "request_id"] = "\(context.requestID)"
        var response: Response
        var failure: String?
        do {
            try MethodCheck.known(request.method)
            response = try await next(request, context)
        } catch let error as HTTPParserError {
            // Answered with 400 by whoever reads the connection, which is closed.
            metrics.answered("malformed", status: 400, seconds: (ContinuousClock.now - start).seconds)
            throw error
        } catch {
            let told = ServerError.describing(error)
            if told.status.code >= 500 { failure = told.message }
            response = told.response
        }
        response.headers[.requestID] = context.requestID
        let seconds = (ContinuousClock.now - start).seconds
        // What is sent to a HEAD would be taken for the next response.
        if request.method == .head { response = response.createHeadResponse() }
        let method = MethodCheck.methods.contains(request.method) ? request.method.rawValue : "other"
        let route = method + " " + (context.endpointPath ?? "other")
        metrics.answered(route, status: response.status.code, seconds: seconds)
        var metadata: Logger.Metadata = [
            "method": "\(request.method.rawValue)", "path": "\(request.uri.path)", "status": "\(response.status.code)",
            "milliseconds": "\((seconds * 1e6).rounded() / 1000)",
        ]
        if let failure { metadata["error"] = "\(failure)" }
        let (logger, level) = (context.logger, failure == nil ? Logger.Level.info : .error)
        // Behind the response: the client does not wait for a line of the log.
        context.loop.execute { [metadata] in logger.log(level: level, "request", metadata: metadata) }
        return response
    }

    /// A random UUID (version 4); Foundation's opens a file for each.
    private static func newID() -> String {
        var random = SystemRandomNumberGenerator()
        let (high, low) = (random.next() & ~0xF000 | 0x4000, random.next() & (.max >> 2) | 1 << 63)
        return unsafe withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) {
            unsafe UUID(uuid: $0.loadUnaligned(as: uuid_t.self))
        }
        .uuidString.lowercased()
    }

    /// An id of a client, where it is short and plain enough to be echoed and logged.
    private static func usable(_ id: String) -> String? {
        (1...128).contains(id.utf8.count) && id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? id : nil
    }
}

extension HTTPField.Name {
    // Both are well-formed; a name that is not would be one that no client sends.
    static let requestID = HTTPField.Name("X-Request-ID") ?? .from
    static let apiKey = HTTPField.Name("X-API-Key") ?? .proxyAuthorization
}
