import Apus
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Tells the client of a request that is not HTTP what was found, where the layer below would answer 400 and nothing more.
///
/// It stands behind the parser. Who reads the connection ends it after that answer.
final class MalformedRequestAnswer: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var found: String?

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError { found = Self.sentence(error) }
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let found, case .head(var head) = unwrapOutboundIn(data), head.status == .badRequest,
            head.headerFields[.contentLength] == "0"
        else { return context.write(data, promise: promise) }
        let body = context.channel.allocator.buffer(string: "{\"error\":\(JSONText.quoted(found))}")
        head.headerFields[.contentLength] = "\(body.readableBytes)"
        head.headerFields[.contentType] = "application/json; charset=utf-8"
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: promise)
    }

    private static func sentence(_ error: HTTPParserError) -> String {
        switch error {
        case .headerOverflow: "The request line or the headers are too long: 64 KB are read, 16 KB of a field."
        default: "This is not a request of HTTP/1.1 (\(error))."
        }
    }
}
