import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Lets a request through that brings one of the server's keys.
struct KeyCheck: RouterMiddleware {
    private let keys: [[UInt8]]

    init(_ keys: [String]) { self.keys = keys.map { Array($0.utf8) } }

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        // Those who watch over processes have no key, and learn nothing of the documents; nor does who reads the pages' style and script.
        let isOpen = (["/healthz", "/readyz"] + PageAssets.paths).contains(request.uri.path)
        guard keys.isEmpty || isOpen || Self.brought(request).map(isKnown) ?? false else {
            throw ServerError(.unauthorized, "A key is needed: 'Authorization: Bearer KEY' or 'X-API-Key: KEY'.")
        }
        return try await next(request, context)
    }

    private static func brought(_ request: Request) -> [UInt8]? {
        if let key = request.headers[.apiKey] { return Array(key.utf8) }
        guard let words = request.headers[.authorization]?.split(separator: " ", maxSplits: 1), words.count == 2,
            ["bearer", "apikey"].contains(words[0].lowercased())
        else { return nil }
        return Array(words[1].utf8)
    }

    /// Compares with every key, each to its end, so that the time tells nothing of where they differ.
    private func isKnown(_ brought: [UInt8]) -> Bool {
        var isKnown = false
        for key in keys {
            var difference = brought.count ^ key.count
            for place in key.indices { difference |= Int(key[place] ^ (place < brought.count ? brought[place] : 0)) }
            isKnown = isKnown || difference == 0
        }
        return isKnown
    }
}
