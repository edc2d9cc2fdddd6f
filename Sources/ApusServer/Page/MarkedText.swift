import Apus

/// A text with its marked words, each with the terms of the query that it scored for.
enum MarkedText {
    static func html(_ snippet: Snippet, _ query: PageQuery) -> HTML {
        let bytes = Array(snippet.text.utf8)
        return html(bytes[...], snippet.marks, query)
    }

    /// - Parameters:
    ///   - bytes: A part of what the marks' places count in.
    ///   - marks: In order; those outside are left out.
    static func html(_ bytes: ArraySlice<UInt8>, _ marks: [Snippet.Mark], _ query: PageQuery) -> HTML {
        var (parts, from) = ([HTML](), bytes.startIndex)
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        for mark in marks where mark.start >= from && mark.end <= bytes.endIndex {
            let terms = mark.terms.prefix(4).map { "\(query.spelled($0)) (\(query.isTyped($0) ? "typed" : "added"))" }
            let kind = query.isLiteral(text(mark.start..<mark.end)) ? "typed" : "added"
            let strength = mark.share >= 0.25 ? "strong" : mark.share >= 0.1 ? "middle" : "weak"
            parts.append("\(text(from..<mark.start))")
            parts.append(
                """
                <mark class="\(kind) \(strength)" title="for \(terms.joined(separator: ", "))" \
                data-terms="\(mark.terms.joined(separator: " "))">\(text(mark.start..<mark.end))</mark>
                """)
            from = mark.end
        }
        return HTML(parts + ["\(text(from..<bytes.endIndex))"])
    }
}
