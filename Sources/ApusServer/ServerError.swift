import Apus
public import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// A request that cannot be answered, and why, in a sentence.
public struct ServerError: Error, Sendable, Equatable {
    /// The status of the response.
    public let status: HTTPResponse.Status
    /// What was found and what to do.
    public let message: String
    /// Seconds after which to try again.
    public var retryAfter: Int?
    /// The methods that the path takes, where it does not take the request's.
    public var allow: String?

    /// An error.
    public init(_ status: HTTPResponse.Status, _ message: String, retryAfter: Int? = nil, allow: String? = nil) {
        self.status = status
        self.message = message
        self.retryAfter = retryAfter
        self.allow = allow
    }

    static let busy = ServerError(.tooManyRequests, "Too many queries are waiting. Try again.", retryAfter: 1)

    static func noIndex(_ name: String, _ names: [String]) -> ServerError {
        ServerError(.notFound, "There is no index '\(name)'; there is \(names.joined(separator: ", ")).")
    }

    /// What a caller is told of any error.
    static func describing(_ error: any Error) -> ServerError {
        switch error {
        case let error as ServerError: error
        case let error as HTTPError:
            ServerError(error.status, error.body ?? error.status.reasonPhrase)
        case let error as FilterError: ServerError(.badRequest, "\(error)")
        case let error as FormatError: ServerError(.badRequest, "\(error)")
        case ApusError.noDocument(let id, _): ServerError(.notFound, "There is no document '\(id)'.")
        case let error as EncoderError: ServerError(.badRequest, "\(error)")
        case IndexError.duplicateDocument(let id):
            ServerError(.conflict, "The document '\(id)' is there already.")
        default: ServerError(.internalServerError, "\(error)")
        }
    }

    /// The error as a response.
    var response: Response {
        var response = Response.json("{\"error\":\(JSONText.quoted(message))}", status: status)
        if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
        if let allow { response.headers[.allow] = allow }
        return response
    }
}

extension Response {
    /// A response of JSON.
    static func json(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
