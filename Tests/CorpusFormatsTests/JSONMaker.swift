import ApusTestSupport
import Foundation

/// Makes random documents as JSON text: members in any order, every kind of escape, nested members nobody asked for.
struct JSONMaker {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func document(plain: Bool = false) -> String {
        var members = [
            "\"_id\"\(space()):\(space())\"d\(random.next() % 1000)\"", "\"text\":\(space())\(string(plain))",
        ]
        if Bool.random(using: &random) { members.append("\"title\" :\(string(plain))") }
        if Bool.random(using: &random) { members.append("\"metadata\":\(space())\(value(2, plain))") }
        for index in 0..<Int.random(in: 0...2, using: &random) { members.append("\"m\(index)\":\(value(3, plain))") }
        members.shuffle(using: &random)
        return space() + "{" + space() + members.joined(separator: space() + "," + space()) + space() + "}" + space()
    }

    private mutating func space() -> String {
        String(
            repeating: [" ", "\t"].randomElement(using: &random) ?? " ",
            count: [0, 0, 0, 1, 2].randomElement(using: &random) ?? 0)
    }

    private mutating func value(_ depth: Int, _ plain: Bool) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: return "true"
        case 1: return "false"
        case 2: return "null"
        case 3: return ["0", "-1", "12.5", "3e2", "-0.25E-2", "1234567"].randomElement(using: &random) ?? "0"
        case 4, 5: return string(plain)
        case 6:
            let items = (0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth - 1, plain) }
            return "[" + space() + items.joined(separator: ",") + space() + "]"
        default:
            let items = (0..<Int.random(in: 0...3, using: &random)).map { "\"k\($0)\":" + value(depth - 1, plain) }
            return "{" + space() + items.joined(separator: " ,") + "}"
        }
    }

    private mutating func string(_ plain: Bool) -> String {
        var text = "\""
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            switch Int.random(in: 0..<(plain ? 9 : 12), using: &random) {
            case 0:
                text += ["\\n", "\\\"", "\\\\", "\\/", "\\t", "\\r", "\\b", "\\f"].randomElement(using: &random) ?? ""
            case 1: text += escaped(scalar(below: 0x110000))
            case 9...11: text.unicodeScalars.append(scalar(below: 0x110000))
            default: text.unicodeScalars.append(scalar(below: 0x7F))
            }
        }
        return text + "\""
    }

    private mutating func scalar(below limit: UInt32) -> Unicode.Scalar {
        let top = [0x7F, 0x800, 0x10000, limit].randomElement(using: &random) ?? limit
        let scalar = Unicode.Scalar(UInt32.random(in: 0x20..<min(top, limit), using: &random)) ?? "x"
        return scalar == "\"" || scalar == "\\" ? "x" : scalar
    }

    private mutating func escaped(_ scalar: Unicode.Scalar) -> String {
        String(scalar).utf16.map { unit in
            let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }
}

/// A document as JSONSerialization reads it; nil where it is no document.
struct JSONTwin {
    let id: String
    let text: String
    let title: String?
    let others: [String: Any]

    init?(_ line: String) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)),
            let members = object as? [String: Any], let id = (members["_id"] ?? members["id"]) as? String,
            let text = members["text"] as? String,
            !id.isEmpty, !id.contains(where: \.isWhitespace), !id.unicodeScalars.contains(where: { $0.value < 0x20 })
        else { return nil }
        if let title = members["title"], !(title is String), !(title is NSNull) { return nil }
        self.id = id
        self.text = text
        title = members["title"] as? String
        others = members.filter { key, value in
            !["_id", "id", "text", "title"].contains(key)
                && !(key == "metadata" && (value as? NSDictionary)?.count == 0)
        }
    }
}
