import Foundation

/// How answers are spelled as JSON, wherever they leave.
public enum AnswerJSON {
    /// A value as JSON, members sorted by name; `pretty` on lines of their own.
    /// - Throws: `EncodingError` for a number that JSON does not have.
    public static func text(_ value: some Encodable, pretty: Bool = true) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            pretty ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(value), as: UTF8.self)
        // Of the control characters JSON escapes the first 32; terminals obey the others, too.
        return text.showingControls(except: ["\n"], as: { "\\u" + String($0.value + 0x10000, radix: 16).suffix(4) })
    }
}
