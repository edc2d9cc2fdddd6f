extension FormatError {
    /// Whether one line alone is at fault, so that reading may go on behind it where each line is a record of its own.
    public var isOfOneLine: Bool {
        switch self {
        case .invalidUTF8, .malformedJSON, .missingMember, .wrongType, .badID, .wrongColumns, .badNumber,
            .fractionalGrade,
            .duplicate:
            true
        default: false
        }
    }

    /// The line that the error names, from 1; nil where it names none.
    public var line: Int? {
        switch self {
        case .invalidUTF8(_, let line), .lineTooLong(_, let line, _), .documentTooLong(_, let line, _),
            .malformedJSON(_, let line, _, _, _), .missingMember(_, let line, _), .wrongType(_, let line, _, _, _),
            .badID(_, let line, _, _), .wrongColumns(_, let line, _, _), .badNumber(_, let line, _, _),
            .fractionalGrade(_, let line, _), .duplicate(_, let line, _, _, _), .unclosed(_, let line, _),
            .neverClosed(_, let line, _, _), .unopened(_, let line, _, _), .unreadableTopic(_, let line, _, _):
            line
        default: nil
        }
    }
}
