import FileStorage
import Foundation

/// A small JSON object of a model's folder, with errors that name the file.
struct JSONFile {
    let path: String
    private let object: [String: Any]

    init(_ bytes: MappedBytes) throws(EncoderError) {
        path = bytes.path
        guard let object = Self.parse(bytes) as? [String: Any] else {
            throw .malformed(path: path, detail: "it is not a JSON object")
        }
        self.object = object
    }

    /// The parsed value of a whole file, or nil when it is not JSON.
    static func parse(_ bytes: MappedBytes) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(bytes.unsafeBytes))
    }

    var keys: [String] { Array(object.keys) }

    /// The text at a key, nil when the key is absent.
    /// - Throws: ``EncoderError/malformed(path:detail:)`` when it is something else.
    func text(_ key: String) throws(EncoderError) -> String? {
        guard let value = object[key], !(value is NSNull) else { return nil }
        guard let text = value as? String else { throw .malformed(path: path, detail: "'\(key)' must be a text") }
        return text
    }

    func string(_ key: String) -> String? { object[key] as? String }
    func strings(_ key: String) -> [String] { object[key] as? [String] ?? [] }
    func object(_ key: String) -> [String: Any]? { object[key] as? [String: Any] }
    func bool(_ key: String) -> Bool? { object[key] as? Bool }
    func number(_ key: String) -> Double? { (object[key] as? NSNumber)?.doubleValue }

    /// A whole number, or nil when absent or beyond what any model could mean (tokenizers write 1e30 for "none").
    func integer(_ key: String) -> Int? {
        guard let value = number(key), value >= 1, value <= 1_000_000_000 else { return nil }
        return Int(value)
    }

    /// A dimension of the model.
    /// - Throws: ``EncoderError/malformed(path:detail:)`` when absent or not between 1 and 2^24.
    func size(_ key: String) throws(EncoderError) -> Int {
        guard let value = number(key), value >= 1, value <= 16_777_216, value == value.rounded() else {
            throw .malformed(path: path, detail: "'\(key)' must be a whole number of at least 1")
        }
        return Int(value)
    }

    func unsupported(_ kind: String, _ name: String, known: [String]) -> EncoderError {
        .unsupported(path: path, kind: kind, name: name, known: known)
    }
}
