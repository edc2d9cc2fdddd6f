import JSONScanning

/// Reads vectors as JSON lines, `{"id", "vector": {term: weight}}` on each, as Anserini, Seismic and PISA do.
///
/// The vector may also be `{"indices": […], "values": […]}`, or these two be members of the line itself. It is called `vector`,
/// `sparse_vector`, `sparse_embedding` or `embedding`. The id is `_id`, `id`, `docno`, `pid`, `docid` or `doc_id`, a string or a whole
/// number, or that of the line before, which says `{"index": {"_id"}}` as in `_bulk` files; the text `contents`, `content` or `text`.
/// Where a line has several, the first of the list counts. A `title` is the document's beside `text` or no text, as in BEIR; `contents`
/// has all of a document. All other members are kept as metadata.
final class VectorLines: VectorSource {
    let path: String
    private let records: JSONLines
    private let vocabulary: VectorVocabulary?
    private var others = OtherMembers()
    /// What a line of a `_bulk` file says of the next one.
    private var announced: String?

    init(path: String, vocabulary: VectorVocabulary?) throws(FormatError) {
        self.path = path
        self.vocabulary = vocabulary
        let lines = try LineReader(path: path)
        if lines.isNothing { throw .nothing(path: path, what: "vectors", found: "it is empty") }
        records = JSONLines(lines)
    }

    init(_ lines: LineReader, vocabulary: VectorVocabulary?) {
        (path, records, self.vocabulary) = (lines.path, JSONLines(lines), vocabulary)
    }

    var bytesRead: Int { records.lines.bytesRead }
    var totalBytes: Int? { records.lines.totalBytes }

    /// What a line holds.
    private struct Line {
        var (id, contents): (String?, String?) = (nil, nil)
        var (idRank, textRank) = (Int.max, Int.max)
        var (idPlace, textPlace, titlePlace) = (0..<0, 0..<0, 0..<0)
        var title: String?
        var weights: [(term: String, weight: Float)]?
        var (indices, values): ([Int]?, [Float]?) = (nil, nil)
        var action: String?
    }

    func next() throws(FormatError) -> TermVector? {
        while true {
            var line = Line()
            others.removeAll()
            let found = try records.next { (key, scanner, bytes) throws(JSONFault) in
                try self.read(key, &scanner, bytes, &line)
            }
            guard found else {
                if records.count > 0 { return nil }
                throw .nothing(path: path, what: "vectors", found: "it is empty")
            }
            if let action = line.action, line.weights == nil, line.id == nil {
                announced = action
                continue
            }
            defer { announced = nil }
            return try vector(line)
        }
    }

    private func vector(_ found: Line) throws(FormatError) -> TermVector {
        let line = records.lines.number
        guard let id = found.id ?? announced else {
            throw .missingMember(path: path, line: line, names: ["id"] + ExternalID.memberNames.filter { $0 != "id" })
        }
        var weights: [(term: String, weight: Float)] = []
        if let named = found.weights {
            weights = named
            if vocabulary != nil {
                for place in weights.indices {
                    guard let number = Int(weights[place].term) else {
                        throw .badNumber(path: path, line: line, what: "term number", found: weights[place].term)
                    }
                    weights[place].term = try VectorTerms.name(of: number, vocabulary, path: path, line: line)
                }
            }
        } else if let indices = found.indices, let values = found.values {
            guard indices.count == values.count else {
                throw .wrongColumns(
                    path: path, line: line, expected: "\(indices.count) values, one for each index", found: values.count
                )
            }
            for (index, value) in zip(indices, values) {
                weights.append((try VectorTerms.name(of: index, vocabulary, path: path, line: line), value))
            }
        } else {
            throw .missingMember(path: path, line: line, names: ["vector"])
        }
        for (term, weight) in weights { try VectorTerms.check(weight, of: term, path: path, line: line) }
        return TermVector(
            id: try ExternalID.checked(id, "document id", path: path, line: line), contents: found.contents,
            weights: weights, metadata: others.object, line: line, title: found.title ?? "")
    }

    private func read(
        _ key: String, _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ line: inout Line
    ) throws(JSONFault) {
        if VectorLines.vectorNames.contains(key), key == "vector" || scanner.kind(bytes) == "an object" {
            if line.weights != nil || line.indices != nil { throw JSONFault.repeated(key, at: scanner.position) }
            try VectorLines.vector(&scanner, bytes, &line)
        } else if key == "indices", scanner.kind(bytes) == "an array" {
            line.indices = try VectorLines.numbers(&scanner, bytes, of: key, VectorLines.index)
        } else if key == "values", scanner.kind(bytes) == "an array" {
            line.values = try VectorLines.numbers(&scanner, bytes, of: key) { (value, _) throws(JSONFault) in
                Float(value)
            }
        } else if key == "index" || key == "create", scanner.kind(bytes) == "an object" {
            let start = scanner.position
            line.action = try VectorLines.action(&scanner, bytes)
            others.keep(key, start..<scanner.position, bytes)
        } else if let rank = ExternalID.memberNames.firstIndex(of: key) {
            if rank == line.idRank { throw JSONFault.repeated(key, at: scanner.position) }
            if rank > line.idRank { return others.keep(key, try scanner.skipValue(bytes), bytes) }
            if line.idRank < Int.max { others.keep(ExternalID.memberNames[line.idRank], line.idPlace, bytes) }
            let start = scanner.position
            (line.id, line.idRank) = (try scanner.id(bytes, of: key), rank)
            line.idPlace = start..<scanner.position
        } else if let rank = VectorLines.textNames.firstIndex(of: key) {
            if rank == line.textRank { throw JSONFault.repeated(key, at: scanner.position) }
            if rank > line.textRank { return others.keep(key, try scanner.skipValue(bytes), bytes) }
            let start = scanner.position
            guard let value = try scanner.stringOrNull(bytes, of: key) else { return }
            if line.textRank < Int.max { others.keep(VectorLines.textNames[line.textRank], line.textPlace, bytes) }
            (line.contents, line.textRank, line.textPlace) = (value, rank, start..<scanner.position)
            if VectorLines.isWhole(rank), line.title != nil {
                others.keep("title", line.titlePlace, bytes)
                line.title = nil
            }
        } else if key == "title", scanner.kind(bytes) == "a string" {
            if !line.titlePlace.isEmpty { throw JSONFault.repeated(key, at: scanner.position) }
            let start = scanner.position
            let title = try scanner.stringOrNull(bytes, of: key)
            line.titlePlace = start..<scanner.position
            if VectorLines.isWhole(line.textRank) { return others.keep(key, line.titlePlace, bytes) }
            line.title = title
        } else {
            others.keep(key, try scanner.skipValue(bytes), bytes)
        }
    }

    /// The id in the action of a `_bulk` file; empty where the server is to make one.
    private static func action(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(JSONFault) -> String? {
        var id: String?
        var more = try scanner.beginObject(bytes)
        while more {
            let key = try scanner.key(bytes)
            if key == "_id" { id = try scanner.id(bytes, of: key) } else { try scanner.skipValue(bytes) }
            more = try scanner.nextMember(bytes)
        }
        return id
    }

    private static let textNames = ["contents", "content", "text"]

    /// Whether the text of this rank has the title in it.
    private static func isWhole(_ rank: Int) -> Bool { rank < textNames.count - 1 }

    private static let vectorNames = ["vector", "sparse_vector", "sparse_embedding", "embedding"]

    private static func vector(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ line: inout Line
    ) throws(JSONFault) {
        guard scanner.kind(bytes) == "an object" else {
            throw try scanner.wrongType(bytes, of: "vector", expected: "an object of terms and weights")
        }
        var weights: [(term: String, weight: Float)] = []
        var more = try scanner.beginObject(bytes)
        while more {
            let term = try scanner.key(bytes)
            let kind = scanner.kind(bytes)
            if kind == "an array", term == "indices" {
                line.indices = try numbers(&scanner, bytes, of: term, index)
            } else if kind == "an array", term == "values" {
                line.values = try numbers(&scanner, bytes, of: term) { (value, _) throws(JSONFault) in Float(value) }
            } else {
                guard kind == "a number" else {
                    throw try scanner.wrongType(bytes, of: term, expected: "a weight")
                }
                weights.append((term, Float(try scanner.number(bytes))))
            }
            more = try scanner.nextMember(bytes)
        }
        if line.indices == nil || line.values == nil { line.weights = weights }
    }

    private static func index(_ value: Double, _ scanner: JSONScanner) throws(JSONFault) -> Int {
        guard value >= 0, value < 0x1p53, value == value.rounded() else {
            throw JSONFault(
                position: scanner.position, expected: "numbers of terms", member: "indices", found: "\(value)")
        }
        return Int(value)
    }

    private static func numbers<Number>(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, of key: String,
        _ made: (Double, JSONScanner) throws(JSONFault) -> Number
    ) throws(JSONFault) -> [Number] {
        var numbers: [Number] = []
        try scanner.expect(UInt8(ascii: "["), "'['", bytes)
        scanner.skipSpace(bytes)
        if scanner.position < bytes.count, bytes[scanner.position] == UInt8(ascii: "]") {
            scanner.position += 1
            return []
        }
        while true {
            scanner.skipSpace(bytes)
            guard scanner.kind(bytes) == "a number" else {
                throw try scanner.wrongType(bytes, of: key, expected: "numbers")
            }
            numbers.append(try made(try scanner.number(bytes), scanner))
            scanner.skipSpace(bytes)
            guard scanner.position < bytes.count, bytes[scanner.position] == UInt8(ascii: ",") else { break }
            scanner.position += 1
        }
        try scanner.expect(UInt8(ascii: "]"), "']'", bytes)
        return numbers
    }
}
