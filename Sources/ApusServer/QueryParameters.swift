import Apus
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

    /// All values of this name.
    func all(_ name: String) -> [String] { values.filter { $0.name == name }.map(\.value) }

    /// A parameter that is a whole number in a range.
    /// - Throws: ``ServerError``.
    func whole(_ name: String, _ range: ClosedRange<Int>, or usual: Int) throws(ServerError) -> Int {
        guard let text = self[name] else { return usual }
        return try range.whole(Int(text), name, found: "'\(text)'")
    }

    /// A parameter that is a number in a range; nil where it is not there.
    /// - Throws: ``ServerError``.
    func number(_ name: String, _ range: ClosedRange<Double>) throws(ServerError) -> Double? {
        guard let text = self[name] else { return nil }
        guard let value = Double(text), range.contains(value) else {
            throw ServerError(
                .badRequest,
                "'\(name)' must be a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'.")
        }
        return value
    }

    /// The side of the model that reads the query; nil where it is not said.
    /// - Throws: ``ServerError``.
    func querySide() throws(ServerError) -> QuerySide? {
        guard let name = self["query_side"] else { return nil }
        guard let side = QuerySide(rawValue: name) else {
            throw ServerError(.badRequest, "'query_side' must be siamese, inference-free or blended, not '\(name)'.")
        }
        return side
    }

    private static func decoded(_ text: Substring) throws(ServerError) -> String {
        guard let decoded = text.replacing("+", with: " ").removingPercentEncoding else {
            throw ServerError(.badRequest, "'\(text)' in the query string is no percent-encoded UTF-8.")
        }
        return decoded
    }
}

extension ClosedRange<Int> {
    /// A whole number of this range.
    /// - Throws: ``ServerError`` with what was found in its place.
    func whole(_ number: Int?, _ name: String, found: @autoclosure () -> String) throws(ServerError) -> Int {
        guard let number, contains(number) else {
            throw ServerError(
                .badRequest, "'\(name)' must be a whole number from \(lowerBound) to \(upperBound), not \(found()).")
        }
        return number
    }
}
