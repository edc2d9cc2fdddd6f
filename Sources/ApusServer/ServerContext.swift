import Apus
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTP1
import Synchronization

/// What belongs to one request.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The client's `X-Request-ID`, or a new one.
    var requestID = ""
    /// What its body takes of the room for all.
    var held: HeldBytes?
    /// The thread that reads the connection.
    let loop: any EventLoop

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        loop = source.channel.eventLoop
    }

    /// A part of the path, its escapes decoded.
    /// - Throws: ``ServerError`` where it is no text.
    func part(_ name: String) throws -> String {
        let value = parameters.get(name).map { String($0) }
        // Names of indexes hardly ever have one.
        let isEscaped = value?.utf8.contains(UInt8(ascii: "%")) == true
        guard let decoded = isEscaped ? value?.removingPercentEncoding : value, !decoded.isEmpty else {
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
    /// - Parameters:
    ///   - limit: Bytes at most.
    ///   - room: What a byte takes when it is read.
    /// - Throws: ``ServerError`` with 413 when it is longer, or 429 when all bodies together are too long.
    func bytes(_ limit: Int, _ context: ServerContext, room: Int = 1) async throws -> [UInt8] {
        let tooLarge = ServerError(.contentTooLarge, "The body is longer than \(limit) bytes.")
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        var bytes: [UInt8] = []
        do {
            for try await part in body {
                guard part.readableBytes <= limit - bytes.count else { throw tooLarge }
                try context.held?.take(part.readableBytes * room)
                bytes += part.readableBytesView
            }
        } catch let error as ServerError {
            throw error
        } catch let error as HTTPParserError {
            // Where the next request begins is unknown: answered with 400, and the connection is closed.
            throw error
        } catch {
            throw ServerError(.badRequest, "The body ended before its end.")
        }
        return bytes
    }

    /// The body as JSON.
    /// - Throws: ``ServerError``.
    func tree(_ limit: Int, _ context: ServerContext) async throws -> JSONTree {
        // A tree of short values takes some times its text.
        let bytes = try await bytes(limit, context, room: 16)
        guard !bytes.isEmpty else { return .object([]) }
        guard let tree = JSONTree(bytes), tree.members != nil else {
            throw ServerError(.badRequest, "The body is no JSON object in UTF-8, or is nested too deeply.")
        }
        return tree
    }
}
