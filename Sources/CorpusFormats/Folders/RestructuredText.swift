/// reStructuredText without its marks: the title is the first heading, roles and references leave their texts.
///
/// Comments, targets, substitutions, options of directives, and directives that bring something in from elsewhere are no text;
/// the names and contents of fields, and code, are.
/// Source: docutils, "reStructuredText Markup Specification".
struct RestructuredText: FileTextReader {
    func read(_ file: FileContent) throws(FileFault) -> FileText {
        try PlainText.converted(file) { bytes in
            var blocks = RestructuredBlocks(bytes)
            return blocks.read()
        }
    }
}

/// Cuts reStructuredText into blocks, line by line.
private struct RestructuredBlocks {
    typealias Line = ArraySlice<UInt8>

    private let lines: [Line]
    private var next = 0
    private var title: String?
    private var text: [UInt8] = []
    private var paragraph: [UInt8] = []
    /// The indentation of the paragraph before, behind which a literal block stands deeper.
    private var indent = 0

    /// Directives whose contents are code.
    private static let literal: Set<String> = [
        "code", "code-block", "sourcecode", "highlight", "math", "parsed-literal", "literalinclude", "doctest",
        "testcode",
        "testsetup", "testoutput", "prompt", "productionlist",
    ]
    /// Directives that say nothing themselves.
    private static let hidden: Set<String> = [
        "image", "include", "toctree", "contents", "raw", "role", "default-role", "meta", "index", "highlight",
        "currentmodule",
        "module", "literalinclude", "tabularcolumns", "autosummary", "testsetup", "sectnum", "header", "footer",
        "replace",
        "target-notes", "ifconfig",
    ]
    /// Directives whose argument is no text.
    private static let unspoken: Set<String> = [
        "figure", "list-table", "csv-table", "only", "class", "container", "code", "code-block", "sourcecode",
        "highlights",
    ]

    init(_ bytes: [UInt8]) { lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false) }

    mutating func read() -> FileText {
        while next < lines.count { block() }
        flush()
        return FileText(title: title ?? "", text: FileText.trimmed(String(decoding: text, as: UTF8.self)))
    }

    private mutating func block() {
        let line = lines[next]
        let rest = Self.unindented(line)
        if rest.isEmpty {
            next += 1
            return flush()
        }
        if paragraph.isEmpty {
            if heading() { return }
            if rest.starts(with: ".. ".utf8) || rest.elementsEqual("..".utf8) { return explicit(line, rest) }
            if rest.starts(with: "__ ".utf8) { return next += 1 }
            if rest.starts(with: ">>> ".utf8) { return literalLines { !Self.unindented($0).isEmpty } }
            if Self.isRule(rest) || Self.isBorder(rest) { return next += 1 }
        } else if Self.isBorder(rest) || isUnderline(rest) {
            // The rest of a table, or of a heading inside something.
            flush()
            return next += 1
        }
        next += 1
        var content = rest
        if rest.first == UInt8(ascii: "|") {
            flush()
            content = Self.cells(rest)[...]
        } else if let item = Self.item(rest) {
            flush()
            content = item
        } else if let (name, value) = Self.field(rest) {
            flush()
            append(name)
            flush(separator: 1)
            content = value
        }
        if paragraph.isEmpty { indent = rest.startIndex - line.startIndex }
        append(content)
        guard paragraph.suffix(2).elementsEqual("::".utf8),
            next >= lines.count || Self.unindented(lines[next]).isEmpty || Self.indent(lines[next]) > indent
        else { return }
        paragraph.removeLast(1)
        if paragraph.count == 1 || Markup.isSpace(paragraph[paragraph.count - 2]) { paragraph.removeLast() }
        flush()
        let outer = indent
        while next < lines.count, Self.unindented(lines[next]).isEmpty { next += 1 }
        literalLines { Self.unindented($0).isEmpty || Self.indent($0) > outer }
    }

    /// Takes a heading, with its lines above and below; whether there is one.
    private mutating func heading() -> Bool {
        let line = lines[next]
        func mark(_ place: Int) -> UInt8? {
            guard place < lines.count, Self.isRule(lines[place]) else { return nil }
            return lines[place].first
        }
        if let above = mark(next), mark(next + 2) == above, next + 1 < lines.count, mark(next + 1) == nil,
            !Self.unindented(lines[next + 1]).isEmpty
        {
            take(Self.unindented(lines[next + 1]))
            next += 3
            return true
        }
        guard mark(next) == nil, line.first.map({ !Markup.isSpace($0) }) ?? false, mark(next + 1) != nil,
            Self.width(line) <= lines[next + 1].count + 2 || lines[next + 1].count >= 4
        else { return false }
        take(line)
        next += 2
        return true
    }

    private mutating func take(_ line: Line) {
        let plain = RestructuredInline.plain(Array(line))
        let heading = FileText.line(String(decoding: plain, as: UTF8.self))
        if title == nil {
            title = heading
            if text.isEmpty { return }
        }
        add(Array(heading.utf8)[...], separator: 2)
    }

    // MARK: Explicit markup

    private mutating func explicit(_ line: Line, _ rest: Line) {
        let column = rest.startIndex - line.startIndex
        next += 1
        let body = rest.dropFirst(2).drop(while: Markup.isSpace)
        if body.first == UInt8(ascii: "["), let close = body.firstIndex(of: UInt8(ascii: "]")) {
            return append(body[(close + 1)...].drop(while: Markup.isSpace))
        }
        if body.first == UInt8(ascii: "_") || body.first == UInt8(ascii: "|") { return skip(deeperThan: column) }
        guard let (name, argument) = Self.directive(body), !Self.hidden.contains(name) else {
            return skip(deeperThan: column)
        }
        if !argument.isEmpty, !Self.unspoken.contains(name), !Self.literal.contains(name) { append(argument) }
        // Options stand directly under the directive.
        while next < lines.count, Self.indent(lines[next]) > column, Self.field(Self.unindented(lines[next])) != nil {
            next += 1
        }
        guard Self.literal.contains(name) else { return }
        flush()
        while next < lines.count, Self.unindented(lines[next]).isEmpty { next += 1 }
        literalLines { Self.unindented($0).isEmpty || Self.indent($0) > column }
    }

    private mutating func skip(deeperThan column: Int) {
        while next < lines.count, Self.unindented(lines[next]).isEmpty || Self.indent(lines[next]) > column {
            next += 1
        }
    }

    private mutating func literalLines(while isInside: (Line) -> Bool) {
        var isFirst = true
        while next < lines.count, isInside(lines[next]) {
            if !Self.unindented(lines[next]).isEmpty {
                add(lines[next], separator: isFirst ? 2 : 1)
                isFirst = false
            }
            next += 1
        }
    }

    // MARK: Text

    private mutating func append(_ line: Line) {
        if line.isEmpty { return }
        if !paragraph.isEmpty { paragraph.append(0x0A) }
        paragraph += line
    }

    private mutating func flush(separator: Int = 2) {
        guard !paragraph.isEmpty else { return }
        let plain = RestructuredInline.plain(paragraph)
        paragraph = []
        if !plain.allSatisfy(Markup.isSpace) { add(plain[...], separator: separator) }
    }

    private mutating func add(_ block: Line, separator: Int) {
        if !text.isEmpty { text += Array(repeating: 0x0A, count: separator) }
        text += block
    }

    // MARK: What a line is

    private static func unindented(_ line: Line) -> Line { line.drop(while: Markup.isSpace) }

    private static func indent(_ line: Line) -> Int { line.prefix(while: Markup.isSpace).count }

    /// The letters of a line, about.
    private static func width(_ line: Line) -> Int { line.count { $0 & 0xC0 != 0x80 } }

    /// A line of one mark: under or above a heading, or between two paragraphs.
    private static func isRule(_ line: Line) -> Bool {
        var line = line
        while let last = line.last, Markup.isSpace(last) { line = line.dropLast() }
        guard let mark = line.first, line.count >= 2, isPunctuation(mark) else { return false }
        return line.allSatisfy { $0 == mark }
            && !(line.count == 2 && (mark == UInt8(ascii: ".") || mark == UInt8(ascii: ":")))
    }

    private func isUnderline(_ line: Line) -> Bool { line.count >= 4 && Self.isRule(line) }

    /// The border of a table.
    private static func isBorder(_ line: Line) -> Bool {
        if line.first == UInt8(ascii: "+"), line.last == UInt8(ascii: "+"), line.count > 2 {
            return line.allSatisfy { [0x2B, 0x2D, 0x3D].contains($0) }
        }
        return line.starts(with: "==".utf8) && line.allSatisfy { $0 == 0x3D || $0 == 0x20 }
    }

    /// A table's row, or a line of verse, without its bars.
    private static func cells(_ line: Line) -> [UInt8] {
        var content = line.dropFirst()
        while let last = content.last, Markup.isSpace(last) { content = content.dropLast() }
        guard content.last == UInt8(ascii: "|") else { return Array(content.drop(while: Markup.isSpace)) }
        return content.dropLast().map { $0 == UInt8(ascii: "|") ? 0x20 : $0 }
    }

    private static func item(_ line: Line) -> Line? {
        var rest = line
        if rest.first == UInt8(ascii: "(") { rest = rest.dropFirst() }
        let number = rest.prefix { $0 &- 0x30 < 10 || $0 == UInt8(ascii: "#") }
        if (1...4).contains(number.count) {
            rest = rest.dropFirst(number.count)
            guard rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ")") else { return nil }
        } else if rest.startIndex != line.startIndex || ![0x2A, 0x2D, 0x2B].contains(rest.first) {
            return nil
        }
        rest = rest.dropFirst()
        guard rest.first == 0x20 else { return nil }
        return rest.drop(while: Markup.isSpace)
    }

    /// `:name: value`
    private static func field(_ line: Line) -> (name: Line, value: Line)? {
        guard line.first == UInt8(ascii: ":"),
            line.dropFirst().first.map({ !Markup.isSpace($0) && $0 != 0x3A }) ?? false
        else {
            return nil
        }
        let inside = line.dropFirst()
        guard let close = inside.firstIndex(of: UInt8(ascii: ":")), !inside[..<close].contains(UInt8(ascii: "`")) else {
            return nil
        }
        let value = inside[(close + 1)...]
        guard value.first.map(Markup.isSpace) ?? true else { return nil }
        return (inside[..<close], value.drop(while: Markup.isSpace))
    }

    /// `name:: argument`
    private static func directive(_ body: Line) -> (name: String, argument: Line)? {
        let name = body.prefix {
            ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || [0x2D, 0x5F, 0x2B, 0x2E, 0x3A].contains($0)
        }
        guard name.count > 2, name.suffix(2).elementsEqual("::".utf8) else { return nil }
        let rest = body.dropFirst(name.count)
        guard rest.first.map(Markup.isSpace) ?? true else { return nil }
        return (
            String(decoding: name.dropLast(2).map(Markup.lowercased), as: UTF8.self), rest.drop(while: Markup.isSpace)
        )
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }
}
