import Foundation
import HTTPTypes

/// What stands behind a path's question mark, as forms write it.
struct QueryParameters {
    private let values: [(name: String, value: String)]

    /// - Throws: ``ServerError`` for an escape that is none, or bytes that are no UTF-8.
    init(_ query: String?) throws(ServerError) {
        var values: [(name: String, value: String)] = []
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values.append((try Self.decoded(parts[0]), parts.count > 1 ? try Self.decoded(parts[1]) : ""))
        }
        self.values = values
    }

    /// The first value of this name.
    subscript(name: String) -> String? { values.first { $0.name == name }?.value }

    private static func decoded(_ text: Substring) throws(ServerError) -> String {
        guard let decoded = text.replacing("+", with: " ").removingPercentEncoding else {
            throw ServerError(.badRequest, "'\(text)' in the query string is no percent-encoded UTF-8.")
        }
        return decoded
    }
}
