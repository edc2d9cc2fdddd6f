import Apus

/// JSON with its members in the order given.
///
/// Foundation's encoder keeps members in a dictionary of `String`, where ids of other bytes can be equal; here each stays one.
indirect enum JSONValue {
    case object([(key: String, value: JSONValue)])
    case array([JSONValue])
    case string(String)
    case number(Double)

    /// Indented as Foundation indents it.
    func text(indent: String = "\n") throws -> String {
        let inner = indent + "  "
        switch self {
        case .object(let members):
            return JSONValue.list(
                try members.map { try AnswerJSON.text($0.key) + " : " + $0.value.text(indent: inner) }, "{", "}", indent
            )
        case .array(let values): return JSONValue.list(try values.map { try $0.text(indent: inner) }, "[", "]", indent)
        case .string(let string): return try AnswerJSON.text(string)
        case .number(let number): return try AnswerJSON.text(number)
        }
    }

    private static func list(_ elements: [String], _ open: String, _ close: String, _ indent: String) -> String {
        if elements.isEmpty { return open + close }
        return open + elements.map { indent + "  " + $0 }.joined(separator: ",") + indent + close
    }
}
