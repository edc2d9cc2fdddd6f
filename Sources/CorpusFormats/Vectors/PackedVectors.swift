/// Reads vectors as MessagePack: maps `{"id", "vector": {term: weight}}` one after another or in one array, or one map of ids and
/// vectors, `{id: {term: weight}}`. Terms are names or numbers; a vector may also be `{"indices": […], "values": […]}`.
///
/// One vector is in memory at a time.
final class PackedVectors: VectorSource {
    private enum Shape { case documents(left: Int?), pairs(left: Int) }

    private let values: PackedValues
    private let vocabulary: VectorVocabulary?
    private var shape: Shape?
    /// A first value that was read to tell the shape.
    private var waiting: PackedValue?
    private var count = 0

    init(path: String, vocabulary: VectorVocabulary?) throws(FormatError) {
        values = try PackedValues(path: path)
        self.vocabulary = vocabulary
    }

    /// Whether a file begins like a map or an array; no text does.
    static func begins(_ start: ArraySlice<UInt8>) -> Bool {
        guard let first = start.first else { return false }
        return (0x80...0x9F).contains(first) || (0xDC...0xDF).contains(first)
    }

    var path: String { values.path }
    var bytesRead: Int { values.bytesRead }
    var totalBytes: Int? { values.totalBytes }

    func next() throws(FormatError) -> TermVector? {
        if shape == nil { try begin() }
        let line = count + 1
        switch shape {
        case .documents(let left?) where left == 0, .pairs(let left) where left == 0:
            try values.finish()
            return nil
        case .documents(let left):
            if left == nil, waiting == nil, try values.isAtEnd() { return nil }
            let value: PackedValue
            if let waiting { value = waiting } else { value = try values.next() }
            waiting = nil
            shape = .documents(left: left.map { $0 - 1 })
            count += 1
            return try document(value, line)
        case .pairs(let left):
            let key: PackedValue
            if let waiting { key = waiting } else { key = try values.next() }
            waiting = nil
            shape = .pairs(left: left - 1)
            count += 1
            return TermVector(
                id: try id(key, line), contents: nil, weights: try vector(try values.next(), line), metadata: nil,
                line: line)
        case nil: return nil
        }
    }

    /// A map at the top is a document where it has a member that is called so, else it is all of them.
    private func begin() throws(FormatError) {
        let head = try values.head()
        switch head {
        case .array(let count): shape = .documents(left: count)
        case .map(let count):
            guard count > 0 else { throw .nothing(path: path, what: "vectors", found: "it is an empty map") }
            let first = try values.next()
            if case .text(let name) = first, name == "vector" || ExternalID.memberNames.contains(name) {
                waiting = .map(try values.members(count, first: first))
                shape = .documents(left: nil)
            } else {
                waiting = first
                shape = .pairs(left: count)
            }
        }
    }

    private func document(_ value: PackedValue, _ line: Int) throws(FormatError) -> TermVector {
        guard case .map(let members) = value else { throw values.wrong("value \(line) is no map") }
        func member(_ names: [String]) -> PackedValue? {
            for name in names {
                for (key, value) in members { if case .text(let found) = key, found == name { return value } }
            }
            return nil
        }
        guard let name = member(ExternalID.memberNames) else {
            throw .missingMember(path: path, line: line, names: ["id"])
        }
        guard let found = member(["vector", "sparse_vector", "sparse_embedding", "embedding"]) else {
            throw .missingMember(path: path, line: line, names: ["vector"])
        }
        var (contents, title): (String?, String?)
        if case .text(let text)? = member(["contents", "content"]) {
            contents = text
        } else {
            if case .text(let text)? = member(["text"]) { contents = text }
            if case .text(let text)? = member(["title"]) { title = text }
        }
        return TermVector(
            id: try id(name, line), contents: contents, weights: try vector(found, line), metadata: nil, line: line,
            title: title ?? "")
    }

    private func id(_ value: PackedValue, _ line: Int) throws(FormatError) -> String {
        let id: String
        switch value {
        case .text(let text): id = text
        case .integer(let number): id = String(number)
        default: throw values.wrong("the id of value \(line) is neither text nor a whole number")
        }
        return try ExternalID.checked(id, "document id", path: path, line: line)
    }

    private func vector(_ value: PackedValue, _ line: Int) throws(FormatError) -> [(term: String, weight: Float)] {
        guard case .map(let members) = value else { throw values.wrong("the vector of value \(line) is no map") }
        var terms = members.map(\.0)
        var weights = members.map(\.1)
        if case .text("indices")? = terms.first, case .array(let indices) = weights[0], terms.count == 2,
            case .array(let numbers) = weights[1]
        {
            guard indices.count == numbers.count else {
                throw values.wrong("value \(line) has \(indices.count) indices and \(numbers.count) values")
            }
            (terms, weights) = (indices, numbers)
        }
        var vector: [(term: String, weight: Float)] = []
        for (key, value) in zip(terms, weights) {
            let term: String
            switch key {
            case .integer(let number):
                term = try VectorTerms.name(of: number, vocabulary, path: path, line: line)
            case .text(let name):
                if let vocabulary {
                    guard let number = Int(name) else {
                        throw .badNumber(path: path, line: line, what: "term number", found: name)
                    }
                    term = try VectorTerms.name(of: number, vocabulary, path: path, line: line)
                } else {
                    term = name
                }
            default: throw values.wrong("a term of value \(line) is neither text nor a whole number")
            }
            let weight: Float
            switch value {
            case .integer(let number): weight = Float(number)
            case .number(let number): weight = Float(number)
            default: throw values.wrong("the weight of '\(term)' in value \(line) is no number")
            }
            try VectorTerms.check(weight, of: term, path: path, line: line)
            vector.append((term, weight))
        }
        return vector
    }
}

/// A value of MessagePack.
indirect enum PackedValue {
    case none
    case truth(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case array([PackedValue])
    case map([(PackedValue, PackedValue)])
}

/// The values of a MessagePack file, one after another.
final class PackedValues {
    enum Head { case array(Int), map(Int) }

    private let source: ByteSource
    private var buffer: [UInt8] = []
    private var place = 0
    private var room = [UInt8](repeating: 0, count: 1 << 16)
    /// Deeper nesting is refused, so that hostile input cannot exhaust the stack.
    private static let deepest = 64
    /// No text of a document is longer.
    private static let longest = 1 << 29

    init(path: String) throws(FormatError) { source = try ByteSource(path: path) }

    var path: String { source.path }
    var bytesRead: Int { source.bytesRead }
    var totalBytes: Int? { source.totalBytes }

    func wrong(_ detail: String) -> FormatError { .malformed(path: path, what: "MessagePack file", detail: detail) }

    func isAtEnd() throws(FormatError) -> Bool { try !fill(1) }

    func finish() throws(FormatError) { if try fill(1) { throw wrong("more follows than its head says") } }

    /// The head of the map or array that the file begins with.
    func head() throws(FormatError) -> Head {
        let byte = try byte()
        switch byte {
        case 0x80...0x8F: return .map(Int(byte & 15))
        case 0x90...0x9F: return .array(Int(byte & 15))
        case 0xDC: return .array(try number(2))
        case 0xDD: return .array(try number(4))
        case 0xDE: return .map(try number(2))
        case 0xDF: return .map(try number(4))
        default: throw wrong("it begins with neither a map nor an array")
        }
    }

    /// The members of a map whose first key has been read.
    func members(_ count: Int, first: PackedValue) throws(FormatError) -> [(PackedValue, PackedValue)] {
        var members = [(first, try value(1))]
        for _ in 1..<max(1, count) { members.append((try value(1), try value(1))) }
        return members
    }

    func next() throws(FormatError) -> PackedValue { try value(0) }

    private func value(_ depth: Int) throws(FormatError) -> PackedValue {
        guard depth < Self.deepest else { throw wrong("its values are nested too deep") }
        let byte = try byte()
        switch byte {
        case 0...0x7F: return .integer(Int(byte))
        case 0xE0...0xFF: return .integer(Int(Int8(bitPattern: byte)))
        case 0x80...0x8F: return try map(Int(byte & 15), depth)
        case 0x90...0x9F: return try array(Int(byte & 15), depth)
        case 0xA0...0xBF: return try text(Int(byte & 31))
        case 0xC0: return .none
        case 0xC2, 0xC3: return .truth(byte == 0xC3)
        case 0xC4, 0xD9: return try text(try number(1))
        case 0xC5, 0xDA: return try text(try number(2))
        case 0xC6, 0xDB: return try text(try number(4))
        case 0xCA: return .number(Double(Float(bitPattern: UInt32(try number(4)))))
        case 0xCB: return .number(Double(bitPattern: UInt64(bitPattern: Int64(try number(8)))))
        case 0xCC: return .integer(try number(1))
        case 0xCD: return .integer(try number(2))
        case 0xCE: return .integer(try number(4))
        case 0xCF:
            let number = try number(8)
            guard number >= 0 else { throw wrong("it holds a number above \(Int.max)") }
            return .integer(number)
        case 0xD0: return .integer(Int(Int8(truncatingIfNeeded: try number(1))))
        case 0xD1: return .integer(Int(Int16(truncatingIfNeeded: try number(2))))
        case 0xD2: return .integer(Int(Int32(truncatingIfNeeded: try number(4))))
        case 0xD3: return .integer(try number(8))
        case 0xDC: return try array(try number(2), depth)
        case 0xDD: return try array(try number(4), depth)
        case 0xDE: return try map(try number(2), depth)
        case 0xDF: return try map(try number(4), depth)
        default: throw wrong("it holds an extension, which no vector has")
        }
    }

    private func array(_ count: Int, _ depth: Int) throws(FormatError) -> PackedValue {
        var values: [PackedValue] = []
        for _ in 0..<count { values.append(try value(depth + 1)) }
        return .array(values)
    }

    private func map(_ count: Int, _ depth: Int) throws(FormatError) -> PackedValue {
        var members: [(PackedValue, PackedValue)] = []
        for _ in 0..<count { members.append((try value(depth + 1), try value(depth + 1))) }
        return .map(members)
    }

    private func text(_ count: Int) throws(FormatError) -> PackedValue {
        guard count <= Self.longest else { throw wrong("it holds a text of \(count) bytes") }
        guard try fill(count) else { throw wrong("it is cut off") }
        let bytes = Array(buffer[place..<place + count])
        place += count
        guard (try? UTF8Span(validating: bytes.span)) != nil else { throw wrong("it holds a text that is not UTF-8") }
        return .text(String(decoding: bytes, as: UTF8.self))
    }

    private func byte() throws(FormatError) -> UInt8 {
        guard try fill(1) else { throw wrong("it is cut off") }
        place += 1
        return buffer[place - 1]
    }

    /// A number of some bytes, the high ones first.
    private func number(_ count: Int) throws(FormatError) -> Int {
        guard try fill(count) else { throw wrong("it is cut off") }
        let value = buffer[place..<place + count].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        place += count
        return Int(truncatingIfNeeded: value)
    }

    /// - Returns: Whether there are as many bytes.
    private func fill(_ count: Int) throws(FormatError) -> Bool {
        while buffer.count - place < count {
            if place > 1 << 16 {
                buffer.removeSubrange(..<place)
                place = 0
            }
            // Safe: the buffer outlives the call, which is told its size.
            let result = unsafe room.withUnsafeMutableBytes { bytes in
                Result { () throws(FormatError) -> Int in try unsafe source.read(into: bytes) }
            }
            let made = try result.get()
            if made == 0 { return false }
            buffer.append(contentsOf: room[..<made])
        }
        return true
    }
}
