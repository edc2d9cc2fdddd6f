/// Markdown without its marks: the title is the first heading, links leave their texts, code stays as it is.
///
/// Blocks and their inline marks are those of CommonMark, with GitHub's tables, and a title in a head of YAML. What a page in HTML
/// would not show (link targets, comments, definitions) is no text.
/// Source: CommonMark 0.31.
struct MarkdownText: FileTextReader {
    func read(_ file: FileContent) throws(FileFault) -> FileText {
        try PlainText.converted(file) { bytes in
            var blocks = MarkdownBlocks(bytes)
            return blocks.read()
        }
    }
}

/// Cuts Markdown into blocks, line by line.
private struct MarkdownBlocks {
    typealias Line = ArraySlice<UInt8>

    private var lines: [Line]
    private var next = 0
    private let definitions: Set<String>
    private var title: String?
    private var text: [UInt8] = []
    private var paragraph: [UInt8] = []
    private var isInList = false

    init(_ bytes: [UInt8]) {
        lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        definitions = Set(lines.compactMap { Self.definition($0) })
    }

    mutating func read() -> FileText {
        readHead()
        while next < lines.count {
            let line = lines[next]
            next += 1
            block(line)
        }
        flush()
        return FileText(title: title ?? "", text: FileText.trimmed(String(decoding: text, as: UTF8.self)))
    }

    /// A head of YAML between two lines of dashes.
    private mutating func readHead() {
        guard let first = lines.first, first.elementsEqual("---".utf8),
            let end = lines.prefix(200).dropFirst().firstIndex(where: {
                $0.elementsEqual("---".utf8) || $0.elementsEqual("...".utf8)
            })
        else { return }
        for line in lines[1..<end] where line.starts(with: "title:".utf8) {
            var value = FileText.line(String(decoding: line.dropFirst(6), as: UTF8.self))
            if let quote = value.first, quote == "\"" || quote == "'", value.count > 1, value.last == quote {
                value = String(value.dropFirst().dropLast())
            }
            if !value.isEmpty { title = value }
        }
        next = end + 1
    }

    private mutating func block(_ whole: Line) {
        var line = whole
        // Quotes and items, one inside another.
        while true {
            let (indent, rest) = Self.indented(line)
            if rest.isEmpty { return blank() }
            if indent >= 4, !isInList {
                guard paragraph.isEmpty else { return append(rest) }
                return add(line.dropFirst(line.first == 0x09 ? 1 : 4), separator: 1)
            }
            if rest.first == UInt8(ascii: ">") {
                line = rest.dropFirst()
                if line.first == 0x20 { line = line.dropFirst() }
                continue
            }
            if !paragraph.isEmpty, Self.isUnderline(rest) { return heading(take()) }
            if Self.isRule(rest) { return flush() }
            guard let item = Self.item(rest) else {
                line = rest
                break
            }
            flush()
            isInList = true
            line = item
        }
        if let fence = Self.fence(line) { return code(fence) }
        if line.first == UInt8(ascii: "#"), let content = Self.atx(line) {
            flush()
            return heading(Array(content))
        }
        if line.starts(with: "<!--".utf8) || Self.startsHidden(line) { return hidden(line) }
        if paragraph.isEmpty, Self.definition(line) != nil { return }
        if line.contains(UInt8(ascii: "|")), next < lines.count, Self.isTableRule(lines[next]) { return table(line) }
        append(line)
    }

    private mutating func blank() {
        flush()
        // What is not indented behind it ends the list.
        if next < lines.count, Self.indented(lines[next]).indent == 0, Self.item(lines[next]) == nil {
            isInList = false
        }
    }

    private mutating func append(_ line: Line) {
        if !paragraph.isEmpty { paragraph.append(0x0A) }
        paragraph += line
    }

    private mutating func take() -> [UInt8] {
        defer { paragraph = [] }
        return paragraph
    }

    private mutating func flush() {
        guard !paragraph.isEmpty else { return }
        add(MarkdownInline.plain(take(), definitions)[...], separator: isInList ? 1 : 2)
    }

    private mutating func add(_ block: Line, separator: Int) {
        if !text.isEmpty {
            let breaks = separator == 1 && text.last != 0x0A ? 1 : separator
            text += Array(repeating: 0x0A, count: breaks)
        }
        text += block
    }

    private mutating func heading(_ content: [UInt8]) {
        let plain = MarkdownInline.plain(content, definitions)
        let line = FileText.line(String(decoding: plain, as: UTF8.self))
        isInList = false
        if title == nil, !line.isEmpty {
            title = line
            // The title is found in its own right where it stands first.
            if text.isEmpty { return }
        }
        add(plain[...], separator: 2)
    }

    private mutating func code(_ fence: (mark: UInt8, count: Int)) {
        flush()
        var isFirst = true
        while next < lines.count {
            let line = lines[next]
            next += 1
            let rest = Self.indented(line).rest
            let marks = rest.prefix { $0 == fence.mark }.count
            if marks >= fence.count, rest.dropFirst(marks).allSatisfy(Markup.isSpace) { return }
            add(line, separator: isFirst ? 2 : 1)
            isFirst = false
        }
    }

    /// A comment, script or style, to its end wherever that is.
    private mutating func hidden(_ line: Line) {
        flush()
        let end = line.starts(with: "<!--".utf8) ? "-->" : "</"
        var line = line.dropFirst(2)
        while !Self.contains(line, Array(end.utf8)), next < lines.count {
            line = lines[next]
            next += 1
        }
        guard end == "-->", let close = line.indices.first(where: { line[$0...].starts(with: "-->".utf8) }) else {
            return
        }
        let rest = line[(close + 3)...].drop(while: Markup.isSpace)
        if !rest.isEmpty { append(rest) }
    }

    private mutating func table(_ head: Line) {
        flush()
        row(head)
        next += 1
        while next < lines.count, lines[next].contains(UInt8(ascii: "|")) {
            row(lines[next])
            next += 1
        }
    }

    private mutating func row(_ line: Line) {
        var cells: [UInt8] = []
        for at in line.indices {
            let isEscaped = at > line.startIndex && line[at - 1] == UInt8(ascii: "\\")
            cells.append(line[at] == UInt8(ascii: "|") && !isEscaped ? 0x20 : line[at])
        }
        let plain = MarkdownInline.plain(cells, definitions)
        add(Array(FileText.line(String(decoding: plain, as: UTF8.self)).utf8)[...], separator: 1)
    }

    // MARK: What a line is

    private static func indented(_ line: Line) -> (indent: Int, rest: Line) {
        var (indent, at) = (0, line.startIndex)
        while at < line.endIndex, line[at] == 0x20 || line[at] == 0x09 {
            indent += line[at] == 0x09 ? 4 - indent % 4 : 1
            at += 1
        }
        let rest = line[at...]
        return (indent, rest.allSatisfy(Markup.isSpace) ? rest.prefix(0) : rest)
    }

    private static func isUnderline(_ line: Line) -> Bool {
        guard let mark = line.first, mark == UInt8(ascii: "=") || mark == UInt8(ascii: "-") else { return false }
        return line.drop { $0 == mark }.allSatisfy(Markup.isSpace)
    }

    private static func isRule(_ line: Line) -> Bool {
        guard let mark = line.first, [UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(mark) else {
            return false
        }
        return line.allSatisfy { $0 == mark || Markup.isSpace($0) } && line.count { $0 == mark } >= 3
    }

    /// What stands behind an item's mark; nil where the line is none.
    private static func item(_ line: Line) -> Line? {
        var rest = line.drop { $0 == 0x20 }
        let digits = rest.prefix { $0 &- 0x30 < 10 }
        if (1...9).contains(digits.count) {
            rest = rest.dropFirst(digits.count)
            guard rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ")") else { return nil }
        } else if rest.first.map({ ![UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "+")].contains($0) }) ?? true {
            return nil
        }
        rest = rest.dropFirst()
        guard rest.isEmpty || rest.first == 0x20 || rest.first == 0x09 else { return nil }
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
        for box in ["[ ] ", "[x] ", "[X] "] where rest.starts(with: box.utf8) { return rest.dropFirst(4) }
        return rest
    }

    private static func fence(_ line: Line) -> (mark: UInt8, count: Int)? {
        guard let mark = line.first, mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~") else { return nil }
        let count = line.prefix { $0 == mark }.count
        if count < 3 || mark == UInt8(ascii: "`") && line.dropFirst(count).contains(mark) { return nil }
        return (mark, count)
    }

    private static func atx(_ line: Line) -> Line? {
        let marks = line.prefix { $0 == UInt8(ascii: "#") }.count
        let rest = line.dropFirst(marks)
        guard marks <= 6, rest.isEmpty || Markup.isSpace(rest[rest.startIndex]) else { return nil }
        var end = rest.drop(while: Markup.isSpace)
        while let last = end.last, Markup.isSpace(last) { end = end.dropLast() }
        let closing = end.reversed().prefix { $0 == UInt8(ascii: "#") }.count
        let before = end.dropLast(closing)
        if before.isEmpty { return before }
        return closing > 0 && Markup.isSpace(before[before.endIndex - 1]) ? before : end
    }

    private static func startsHidden(_ line: Line) -> Bool {
        ["<script", "<style"].contains { name in
            line.prefix(name.utf8.count).map(Markup.lowercased).elementsEqual(name.utf8)
        }
    }

    private static func contains(_ line: Line, _ mark: [UInt8]) -> Bool {
        line.indices.contains { line[$0] == mark[0] && line[$0...].starts(with: mark) }
    }

    private static func isTableRule(_ line: Line) -> Bool {
        line.contains(UInt8(ascii: "-")) && line.contains(UInt8(ascii: "|"))
            && line.allSatisfy { $0 == 0x2D || $0 == 0x7C || $0 == 0x3A || Markup.isSpace($0) }
    }

    /// The label of a link's definition, `[label]: target`; nil for any other line.
    private static func definition(_ line: Line) -> String? {
        let rest = line.drop { $0 == 0x20 }
        guard rest.first == UInt8(ascii: "["), rest.dropFirst().first != UInt8(ascii: "^"),
            let close = rest.firstIndex(of: UInt8(ascii: "]")), close - rest.startIndex < 1000,
            rest[(close + 1)...].first == UInt8(ascii: ":"), !rest[(close + 2)...].allSatisfy(Markup.isSpace)
        else { return nil }
        return MarkdownInline.label(rest[(rest.startIndex + 1)..<close])
    }
}
