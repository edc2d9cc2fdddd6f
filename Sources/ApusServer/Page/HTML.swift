/// A piece of HTML; what is put into it is escaped unless it is HTML itself.
///
///     let item: HTML = "<li title=\"\(title)\">\(text)</li>"
struct HTML: ExpressibleByStringInterpolation, Sendable {
    /// The markup.
    private(set) var markup: String

    init(stringLiteral value: String) { markup = value }
    init(stringInterpolation: StringInterpolation) { markup = stringInterpolation.markup }

    /// Pieces one after another.
    init(_ parts: [HTML]) { markup = parts.map(\.markup).joined() }

    static let nothing: HTML = ""

    /// A piece where something holds, and nothing otherwise.
    static func when(_ holds: Bool, _ part: HTML) -> HTML { holds ? part : nothing }

    struct StringInterpolation: StringInterpolationProtocol {
        var markup = ""

        init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity) }
        mutating func appendLiteral(_ literal: String) { markup += literal }
        mutating func appendInterpolation(_ text: String) { markup += HTML.escaped(text) }
        mutating func appendInterpolation(_ number: Int) { markup += "\(number)" }
        mutating func appendInterpolation(_ part: HTML) { markup += part.markup }
        mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { markup += part.markup } }
    }

    /// A text as it may stand between tags and in quoted attributes.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            // Control characters are no part of HTML.
            case _ where scalar.properties.generalCategory == .control: escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension HTML {
    /// A number with so many digits behind the point.
    static func number(_ value: Double, digits: Int = 3) -> String {
        guard value.isFinite else { return "–" }
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let whole = Int((abs(value) * scale).rounded())
        let parts = whole.quotientAndRemainder(dividingBy: Int(scale))
        let fraction = digits == 0 ? "" : "." + String(parts.remainder + Int(scale)).dropFirst()
        return (value < 0 && whole > 0 ? "−" : "") + "\(parts.quotient)" + fraction
    }

    /// A bar, filled to a share of 0…1; a picture, as the policy of the pages allows no style in an attribute.
    static func bar(_ share: Double, _ kind: String) -> HTML {
        let width = number(min(1, max(0, share.isFinite ? share : 0)) * 100, digits: 1)
        return """
            <svg class="bar \(kind)" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">\
            <rect class="track" width="100" height="6"/><rect class="fill" width="\(width)" height="6"/></svg>
            """
    }
}
