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

    /// A parameter that is true or false; false where it is not there.
    /// - Throws: ``ServerError``.
    func truth(_ name: String) throws(ServerError) -> Bool {
        guard let text = self[name], text != "false" else { return false }
        guard text == "true" else { throw ServerError(.badRequest, "'\(name)' must be true or false, not '\(text)'.") }
        return true
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
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8[...]
        var isEscaped = true
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hex), let low = rest.popFirst().flatMap(hex) else {
                    isEscaped = false
                    break
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard isEscaped, let decoded = String(validating: bytes, as: UTF8.self) else {
            throw ServerError(.badRequest, "'\(text)' in the query string is no percent-encoded UTF-8.")
        }
        return decoded
    }

    private static func hex(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
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
