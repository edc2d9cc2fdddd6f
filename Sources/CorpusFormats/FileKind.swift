import JSONScanning

/// What a file of the field is.
public enum FileKind: String, Sendable, Codable, CaseIterable {
    case corpus, vectors, topics, qrels, run

    /// Tells what a file is from its first lines, and from its name where those say too little.
    ///
    /// - Returns: The kind, and what it was told from, to say to a person.
    /// - Throws: ``FormatError/ambiguous(path:found:)`` where neither says it; what opening the file throws.
    public static func recognise(_ path: String) throws(FormatError) -> (kind: FileKind, reason: String) {
        let lines = try LineReader(path: path)
        if lines.isNothing { throw .nothing(path: path, what: "records", found: "it is empty") }
        let start = try lines.peek(1 << 18)
        let whole = start.lastIndex(of: 0x0A).map { start[..<$0] } ?? start
        let name = Name(path)
        let first = start.first { $0 > 0x20 }
        let found: (FileKind, String)?
        switch first {
        case UInt8(ascii: "{"):
            let line = start.split(separator: 0x0A, maxSplits: 1).first ?? start
            found = ofObject(members(line), name, whole)
        case UInt8(ascii: "<"): found = ofMarkup(start)
        default: found = ofColumns(whole, name)
        }
        guard let found else {
            throw .ambiguous(path: path, found: name.shown)
        }
        return (found.0, found.1)
    }

    /// What a name says.
    private struct Name {
        let shown: String
        private let lowercased: String

        init(_ path: String) {
            shown =
                path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) } ?? path
            lowercased = shown.lowercased()
        }

        var isOfTopics: Bool { ["quer", "topic", "question", "claims"].contains { lowercased.contains($0) } }
        var isOfCorpus: Bool {
            ["corpus", "doc", "collection", "passage", "articles"].contains { lowercased.contains($0) }
        }
    }

    // MARK: JSON lines

    private static func ofObject(
        _ members: Set<String>, _ name: Name, _ start: ArraySlice<UInt8>
    ) -> (FileKind, String)? {
        func has(_ names: [String]) -> Bool { names.contains(where: members.contains) }
        if members.contains("vector") { return (.vectors, "its objects have a \"vector\"") }
        if members.isSuperset(of: ["indices", "values"]) { return (.vectors, "its objects have indices and values") }
        let judged = has(QrelsRows.documentNames) && has(QrelsRows.gradeNames) || members.contains("answer_pids")
        if judged, has(QrelsRows.queryNames) { return (.qrels, "its objects have a query, a document and a grade") }
        if members.contains("query") || has(["qid", "query_id", "topic_id"]) {
            return (.topics, "its objects are queries")
        }
        if has(["title", "contents", "body", "passage", "segment", "docno", "pid", "docid", "doc_id"]) {
            return (.corpus, "its objects are documents")
        }
        return ofTexts(name, start)
    }

    /// The names of an object's members; what could be read of them.
    private static func members(_ line: ArraySlice<UInt8>) -> Set<String> {
        var names: Set<String> = []
        var scanner = JSONScanner()
        let bytes = Array(line)
        do throws(JSONFault) {
            var more = try scanner.beginObject(bytes.span)
            while more {
                names.insert(try scanner.key(bytes.span))
                try scanner.skipValue(bytes.span)
                more = try scanner.nextMember(bytes.span)
            }
        } catch { /* What is wrong there is said by who reads the file. */  }
        return names
    }

    // MARK: Markup

    private static func ofMarkup(_ start: ArraySlice<UInt8>) -> (FileKind, String)? {
        for tag in Markup.tags(in: Array(start)) {
            let name = String(
                decoding: start.dropFirst(tag.spelled.lowerBound).prefix(tag.spelled.count), as: UTF8.self)
            switch name.lowercased() {
            case "doc": return (.corpus, "it begins with <DOC>")
            case "top", "topic", "topics", "query", "queries": return (.topics, "it begins with <\(name)>")
            default: continue
            }
        }
        return nil
    }

    // MARK: Lines

    private static func ofColumns(_ start: ArraySlice<UInt8>, _ name: Name) -> (FileKind, String)? {
        let lines = start.split(separator: 0x0A).prefix(200).filter { $0.contains { $0 > 0x20 } }
        guard !lines.isEmpty else { return nil }
        let pairs = lines.count { line in line.count { $0 == 0x09 } == 1 }
        let rows = lines.map { line in
            line.split { $0 <= 0x20 }.map { String(decoding: $0, as: UTF8.self) }
        }.filter { !($0.first?.hasPrefix("#") ?? true) }
        guard let head = rows.first else { return nil }
        // One broken line, or a header, does not change what a file is.
        let counts = Dictionary(rows.map { ($0.count, 1) }) { $0 + $1 }
        guard let usual = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { return nil }
        if pairs * 10 >= lines.count * 9, !(usual.key == 3 && isHeader(head)) { return ofTexts(name, start) }
        guard usual.value * 10 >= rows.count * 8 else {
            return pairs * 2 > lines.count ? ofTexts(name, start) : nil
        }
        if isHeader(head), (3...4).contains(usual.key) { return (.qrels, "its header is that of judgements") }
        let same = rows.filter { $0.count == usual.key }
        let numbers = (0..<usual.key).map { column in same.allSatisfy { Double($0[column]) != nil } }
        switch usual.key {
        case 6: return (.run, "it has six columns")
        case 5: return (.run, "it has five columns")
        case 4:
            let isRun = numbers[2] && numbers[3] && !same.allSatisfy { isIteration($0[1]) } && hasRanks(same, 2)
            return isRun
                ? (.run, "it has four columns, the third a rank")
                : numbers[3] || numbers[2]
                    ? (.qrels, "it has four columns, and no rank in the third") : nil
        case 3 where numbers[2]:
            if hasRanks(same, 2) { return (.run, "it has three columns, the third a rank") }
            let grades = same.allSatisfy { Int($0[2]).map { (-5...20).contains($0) } ?? false }
            return grades
                ? (.qrels, "it has three columns, the third a grade")
                : (.run, "it has three columns, the third a score")
        default: return nil
        }
    }

    private static func isHeader(_ row: [String]) -> Bool { ColumnFile.isQueryID(row[0]) }

    private static func isIteration(_ text: String) -> Bool { ["0", "q0"].contains(text.lowercased()) }

    /// Whether a column counts up by one in at least one query, and nowhere does anything else.
    private static func hasRanks(_ rows: [[String]], _ column: Int) -> Bool {
        var steps = 0
        for (row, next) in zip(rows, rows.dropFirst()) where row[0] == next[0] {
            guard let rank = Int(row[column]), Int(next[column]) == rank + 1 else { return false }
            steps += 1
        }
        return steps > 0 || rows.count == 1 && rows[0][column] == "1"
    }

    // MARK: Ids with texts

    /// Documents or topics: the name says it, or the length of the texts.
    private static func ofTexts(_ name: Name, _ start: ArraySlice<UInt8>) -> (FileKind, String)? {
        if name.isOfTopics { return (.topics, "it has ids and texts, and is called '\(name.shown)'") }
        if name.isOfCorpus { return (.corpus, "it has ids and texts, and is called '\(name.shown)'") }
        let lines = start.split(separator: 0x0A)
        let words = lines.reduce(0) { $0 + $1.split { $0 <= 0x20 }.count } / max(1, lines.count)
        if words >= 30 { return (.corpus, "its texts have \(words) words on average") }
        return nil
    }
}
