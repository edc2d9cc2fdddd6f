/// A message, or one part of it: headers, and bytes that they say how to read.
struct MailPart {
    /// Names in small letters, values unfolded and as they stand there.
    let headers: [(name: String, value: [UInt8])]
    private let body: ArraySlice<UInt8>
    /// `text/plain` where nothing else is said, in small letters.
    let type: String
    private let parameters: [String: String]

    /// Takes the headers off.
    /// - Complexity: O(bytes).
    init(_ bytes: ArraySlice<UInt8>) {
        var headers: [(name: String, value: [UInt8])] = []
        var at = bytes.startIndex
        while at < bytes.endIndex {
            let end = bytes[at...].firstIndex(of: 0x0A) ?? bytes.endIndex
            let line = bytes[at..<end].last == 0x0D ? bytes[at..<end].dropLast() : bytes[at..<end]
            let next = min(end + 1, bytes.endIndex)
            if line.isEmpty {
                at = next
                break
            }
            if line.first == 0x20 || line.first == 0x09, !headers.isEmpty {
                headers[headers.count - 1].value += line
            } else if let name = Self.name(line) {
                headers.append((name, [UInt8](line.dropFirst(name.utf8.count + 1).drop { $0 == 0x20 || $0 == 0x09 })))
            } else if !(headers.isEmpty && line.starts(with: "From ".utf8)) {
                // No header, so the text begins here.
                break
            }
            at = next
        }
        self.headers = headers
        body = bytes[at...]
        let (type, parameters) = Self.parameters(headers.first { $0.name == "content-type" }?.value ?? [])
        self.type = type.contains("/") ? type : "text/plain"
        self.parameters = parameters
    }

    /// A header's text, with its encoded words decoded; nil when there is none.
    func words(_ name: String) -> String? { headers.first { $0.name == name }.map { EncodedWords.decode($0.value) } }

    var charset: String? { parameters["charset"] }

    var isAttachment: Bool {
        guard let value = headers.first(where: { $0.name == "content-disposition" })?.value else { return false }
        return Self.parameters(value).type == "attachment"
    }

    /// The bytes, with their transfer encoding undone.
    var content: [UInt8] {
        let name = headers.first { $0.name == "content-transfer-encoding" }?.value ?? []
        switch Self.parameters(name).type {
        case "base64": return TransferEncoding.base64(body)
        case "quoted-printable": return TransferEncoding.quotedPrintable(body)
        default: return [UInt8](body)
        }
    }

    /// The parts between the boundaries.
    var parts: [MailPart] {
        guard let boundary = parameters["boundary"], !boundary.isEmpty else { return [] }
        let mark = Array("--".utf8) + Array(boundary.utf8)
        var parts: [MailPart] = []
        var start: Int?
        var at = body.startIndex
        while at < body.endIndex {
            let end = body[at...].firstIndex(of: 0x0A) ?? body.endIndex
            if body[at..<end].starts(with: mark) {
                let rest = body[at..<end].dropFirst(mark.count)
                let isLast = rest.starts(with: "--".utf8)
                if isLast || rest.allSatisfy(Markup.isSpace) {
                    if let start { parts.append(MailPart(Self.withoutLineEnd(body[start..<at]))) }
                    start = isLast ? nil : min(end + 1, body.endIndex)
                    if isLast { return parts }
                }
            }
            at = min(end + 1, body.endIndex)
        }
        // Cut off before its end.
        if let start { parts.append(MailPart(body[start...])) }
        return parts
    }

    /// The line's end before a boundary belongs to the boundary.
    private static func withoutLineEnd(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard bytes.last == 0x0A else { return bytes }
        let line = bytes.dropLast()
        return line.last == 0x0D ? line.dropLast() : line
    }

    private static func name(_ line: ArraySlice<UInt8>) -> String? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        return String(decoding: line[..<colon].map(Markup.lowercased), as: UTF8.self)
    }

    /// `text/html; charset="utf-8"` in its parts.
    private static func parameters(_ value: [UInt8]) -> (type: String, parameters: [String: String]) {
        var fields: [[UInt8]] = [[]]
        var (isQuoted, isEscaped) = (false, false)
        for byte in value {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
                continue
            } else if byte == 0x22 {
                isQuoted.toggle()
                continue
            } else if byte == UInt8(ascii: ";"), !isQuoted {
                fields.append([])
                continue
            }
            fields[fields.count - 1].append(byte)
        }
        func text(_ bytes: some Sequence<UInt8>) -> String {
            FileText.line(String(decoding: Array(bytes), as: UTF8.self))
        }
        var parameters: [String: String] = [:]
        for field in fields.dropFirst() {
            guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = text(field[..<equals]).lowercased()
            if parameters[name] == nil { parameters[name] = text(field[(equals + 1)...]) }
        }
        return (text(fields[0]).lowercased(), parameters)
    }
}
