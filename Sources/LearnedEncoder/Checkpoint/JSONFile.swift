import FileStorage
import Foundation
import JSONScanning
import TextAnalysis

/// A small JSON object of a model's folder, with errors that name the file.
struct JSONFile {
    let path: String
    private let tree: JSONTree

    init(_ bytes: MappedBytes) throws(EncoderError) {
        path = bytes.path
        guard let tree = unsafe bytes.withUnsafeBytes({ unsafe JSONTree($0) }), tree.members != nil else {
            throw .malformed(path: path, detail: "it is not a JSON object")
        }
        self.tree = tree
    }

    /// The parsed value of a whole file, or nil when it is not JSON.
    static func parse(_ bytes: MappedBytes) -> Any? { unsafe bytes.withUnsafeBytes { unsafe JSONTree($0) }.map(plain) }

    /// Names of settings need no telling apart by bytes, so nested values are Foundation's.
    private static func plain(_ tree: JSONTree) -> Any {
        switch tree {
        case .null: NSNull()
        case .bool(let value): value
        case .number(let value): NSNumber(value: value)
        case .string(let text): text
        case .array(let elements): elements.map(plain)
        case .object(let members):
            Dictionary(members.map { ($0.key, plain($0.value)) }, uniquingKeysWith: { $1 })
        }
    }

    var keys: [String] { tree.members?.map(\.key) ?? [] }

    /// The text at a key, nil when the key is absent.
    /// - Throws: ``EncoderError/malformed(path:detail:)`` when it is something else.
    func text(_ key: String) throws(EncoderError) -> String? {
        guard let value = tree[key] else { return nil }
        guard let text = value.string else { throw wrong(key, "a text", value) }
        return text
    }

    /// The first of a list of texts; nil when the key is absent, null or an empty list.
    /// - Throws: ``EncoderError/malformed(path:detail:)`` when it is something else.
    func firstText(_ key: String) throws(EncoderError) -> String? {
        guard let value = tree[key] else { return nil }
        guard let list = value.elements, list.allSatisfy({ $0.string != nil }) else {
            throw wrong(key, "a list of texts", value)
        }
        return list.first?.string
    }

    /// Refuses values of another type, which the readers below would take for absent.
    /// - Throws: ``EncoderError/malformed(path:detail:)``, naming the first key.
    func require(numbers: [String] = [], flags: [String] = [], texts: [String] = []) throws(EncoderError) {
        for key in numbers {
            if let value = tree[key], value.number?.isNaN ?? true { throw wrong(key, "a number", value) }
        }
        for key in flags { if let value = tree[key], value.bool == nil { throw wrong(key, "true or false", value) } }
        for key in texts { if let value = tree[key], value.string == nil { throw wrong(key, "a text", value) } }
    }

    private func wrong(_ key: String, _ expected: String, _ found: JSONTree) -> EncoderError {
        .malformed(path: path, detail: "'\(key)' must be \(expected), not \(found.label)")
    }

    func string(_ key: String) -> String? { tree[key]?.string }
    func strings(_ key: String) -> [String] {
        guard let list = tree[key]?.elements else { return [] }
        let texts = list.compactMap(\.string)
        return texts.count == list.count ? texts : []
    }
    func object(_ key: String) -> [String: Any]? { tree[key].flatMap { Self.plain($0) as? [String: Any] } }
    func bool(_ key: String) -> Bool? { tree[key]?.bool }
    func number(_ key: String) -> Double? { tree[key]?.number }

    /// A whole number, or nil when absent or beyond what any model could mean (tokenizers write 1e30 for "none").
    func integer(_ key: String) -> Int? {
        guard let value = number(key), value >= 1, value <= 1_000_000_000 else { return nil }
        return Int(value)
    }

    /// A number of tokens, or nil when absent or so large that it means none (tokenizers write 1e30).
    /// - Throws: ``EncoderError/malformed(path:detail:)`` for anything that is no whole number from 1 on.
    func length(_ key: String) throws(EncoderError) -> Int? {
        guard let value = tree[key] else { return nil }
        guard let number = value.number, number >= 1 else { throw wrong(key, "a whole number of at least 1", value) }
        guard number <= 1_000_000_000 else { return nil }
        guard number == number.rounded() else { throw wrong(key, "a whole number of at least 1", value) }
        return Int(number)
    }

    /// A dimension of the model.
    /// - Throws: ``EncoderError/malformed(path:detail:)`` when absent or not between 1 and 2^24.
    func size(_ key: String) throws(EncoderError) -> Int {
        guard let number = number(key), number >= 1, number <= 16_777_216, number == number.rounded() else {
            throw wrong(key, "a whole number from 1 to 16777216", tree[key] ?? .null)
        }
        return Int(number)
    }

    func unsupported(_ kind: String, _ name: String, known: [String]) -> EncoderError {
        .unsupported(path: path, kind: kind, name: name, known: known)
    }
}
