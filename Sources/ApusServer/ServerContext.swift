import Apus
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization

/// What belongs to one request.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The client's `X-Request-ID`, or a new one.
    var requestID = ""

    init(source: ApplicationRequestContextSource) { coreContext = CoreRequestContextStorage(source: source) }

    /// A part of the path, its escapes decoded.
    /// - Throws: ``ServerError`` where it is no text.
    func part(_ name: String) throws -> String {
        guard let value = parameters.get(name), let decoded = value.removingPercentEncoding, !decoded.isEmpty else {
            throw ServerError(.badRequest, "The path's {\(name)} is no text.")
        }
        return decoded
    }
}

extension Request {
    /// What stands behind the question mark.
    /// - Throws: ``ServerError`` where it is malformed.
    func parameters() throws(ServerError) -> QueryParameters { try QueryParameters(uri.query) }

    /// The whole body.
    /// - Throws: ``ServerError`` with 413 when it is longer than `limit`.
    func bytes(_ limit: Int) async throws -> [UInt8] {
        do {
            let buffer = try await body.collect(upTo: limit)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw ServerError(.contentTooLarge, "The body is longer than \(limit) bytes.")
        }
    }

    /// The body as JSON.
    /// - Throws: ``ServerError``.
    func tree(_ limit: Int) async throws -> JSONTree {
        let bytes = try await bytes(limit)
        guard !bytes.isEmpty else { return .object([]) }
        guard let tree = JSONTree(bytes), tree.members != nil else {
            throw ServerError(.badRequest, "The body is no JSON object in UTF-8, or is nested too deeply.")
        }
        return tree
    }
}
