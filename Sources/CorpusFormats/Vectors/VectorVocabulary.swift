import JSONScanning

/// The names of terms that a file of vectors tells by numbers: a text with one on each line, a JSON list, or a JSON object of names and
/// their numbers, as tokenizers keep it.
public struct VectorVocabulary: Sendable {
    /// The file.
    public let path: String
    /// The names, by number; nil where there is a gap.
    private let names: [String?]

    /// No vocabulary has more names, nor larger numbers.
    private static let most = 1 << 27

    /// Reads the file; gzip and zstd data are recognised.
    ///
    /// - Throws: ``FormatError``, with the line in a text; also for a name or a number that stands there twice.
    public init(path: String) throws(FormatError) {
        self.path = path
        let bytes = try ByteSource.whole(path)
        switch bytes.first(where: { $0 > 0x20 }) {
        case nil: throw .nothing(path: path, what: "names", found: "it is empty")
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            if let tree = JSONTree(bytes) {
                names = try Self.names(tree, path)
            } else {
                names = try Self.lines(bytes, path)
            }
        default: names = try Self.lines(bytes, path)
        }
    }

    /// Names, numbered from 0.
    public init(_ names: [String], path: String = "") { (self.names, self.path) = (names, path) }

    /// Numbers up to the largest.
    public var count: Int { names.count }

    /// The name of a number; nil where it has none.
    public func name(of number: Int) -> String? { names.indices.contains(number) ? names[number] : nil }

    /// A text may begin with "[PAD]", which is no list.
    private static func lines(_ bytes: [UInt8], _ path: String) throws(FormatError) -> [String?] {
        var names: [String?] = []
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let line = line.last == 0x0D ? line.dropLast() : line
            guard (try? UTF8Span(validating: Array(line).span)) != nil else {
                throw .invalidUTF8(path: path, line: names.count + 1)
            }
            names.append(String(decoding: line, as: UTF8.self))
        }
        // A line break ends the last line.
        if names.last == "" { names.removeLast() }
        return names
    }

    private static func names(_ tree: JSONTree, _ path: String) throws(FormatError) -> [String?] {
        if let elements = tree.elements {
            var names: [String?] = []
            for element in elements {
                guard let name = element.string else {
                    throw .malformed(path: path, what: "vocabulary", detail: "element \(names.count) is no string")
                }
                names.append(name)
            }
            return names
        }
        var names: [String?] = []
        for (name, value) in tree.members ?? [] {
            guard let number = value.number, number >= 0, number < Double(most), number == number.rounded() else {
                throw .malformed(
                    path: path, what: "vocabulary", detail: "the value of '\(name)' is no number from 0 on")
            }
            let place = Int(number)
            if place >= names.count { names.append(contentsOf: repeatElement(nil, count: place + 1 - names.count)) }
            if let other = names[place] {
                throw .malformed(
                    path: path, what: "vocabulary", detail: "'\(other)' and '\(name)' both have the number \(place)")
            }
            names[place] = name
        }
        return names
    }
}

extension ByteSource {
    /// All bytes of a file, which is small.
    static func whole(_ path: String) throws(FormatError) -> [UInt8] {
        let source = try ByteSource(path: path)
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            // Safe: the buffer outlives the call, which is told its size.
            let result = unsafe room.withUnsafeMutableBytes { buffer in
                Result { () throws(FormatError) -> Int in try unsafe source.read(into: buffer) }
            }
            let made = try result.get()
            if made == 0 { return bytes }
            bytes.append(contentsOf: room[..<made])
            guard bytes.count <= 1 << 31 else {
                throw .malformed(path: path, what: "list of names", detail: "it has more than 2 GiB")
            }
        }
    }
}
