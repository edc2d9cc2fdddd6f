/// A document of a list with its score as it is compared.
public struct ListedDocument: Sendable, Equatable {
    /// Its id.
    public var id: String
    /// Its score.
    public var score: Double
    /// The same as an integer that lists of other shards are compared by.
    public var rawScore: UInt32

    /// A document of a list.
    public init(id: String, score: Double, rawScore: UInt32) {
        self.id = id
        self.score = score
        self.rawScore = rawScore
    }
}

/// The lists that the traversals of some shards found for topics, on their way to where they become a run.
///
///     {"format":"apus lists 1",…}            what they were found with, as JSON on one line
///     topic list docid score rawScore        best first; white space between the columns
///     end 2000                               how many lines of these there are
public struct ListFile: Sendable, Equatable {
    /// A topic's list: the field that was searched, `text` or `learned`, or `fused`.
    public struct Key: Sendable, Hashable {
        /// The topic.
        public let topic: String
        /// The list.
        public let list: String

        /// A list of a topic.
        public init(topic: String, list: String) { (self.topic, self.list) = (topic, list) }
    }

    /// The first line.
    public var head: String
    /// Best first.
    public var lists: [Key: [ListedDocument]]

    /// Lists.
    public init(head: String, lists: [Key: [ListedDocument]] = [:]) { (self.head, self.lists) = (head, lists) }

    private static let columns = ["topic", "list", "document", "score", "raw score"]

    /// Reads a file of lists.
    /// - Throws: ``FormatError`` with file and line; also for a file that was cut.
    public init(path: String) throws(FormatError) {
        let first = try LineReader(path: path)
        head = try first.next().map { String(decoding: first.buffer[$0], as: UTF8.self) } ?? ""
        guard head.hasPrefix("{"), head.contains("\"format\":\"apus lists ") else {
            throw .nothing(path: path, what: "lists of 'apus search --lists'", found: "its first line is another one")
        }
        lists = [:]
        var file = try ColumnFile(path: path)
        _ = try file.next()
        var count = 0
        var last: Key?
        var documents: [ListedDocument] = []
        while try file.next() {
            let number = file.lines.number
            if file.count == 2, file.string(0) == "end" {
                let promised = file.string(1)
                guard promised == String(count), try !file.next() else {
                    throw .nothing(
                        path: path, what: "whole lists",
                        found: "its last line promises \(promised) documents, and \(count) stand before it")
                }
                if let last { lists[last] = documents }
                return
            }
            guard file.count == 5 else {
                throw .wrongColumns(
                    path: path, line: number, expected: "5 (\(Self.columns.joined(separator: ", ")))", found: file.count
                )
            }
            guard let score = file.number(3) else {
                throw .badNumber(path: path, line: number, what: "score", found: file.string(3))
            }
            guard let raw = UInt32(file.string(4)) else {
                throw .badNumber(path: path, line: number, what: "raw score", found: file.string(4))
            }
            let key = Key(topic: file.string(0), list: file.string(1))
            if key != last {
                if let last { lists[last] = documents }
                guard lists[key] == nil else {
                    throw .duplicate(
                        path: path, line: number, what: "the list '\(key.list)' of topic '\(key.topic)'",
                        firstPath: path,
                        firstLine: 2)
                }
                (last, documents) = (key, [])
            }
            documents.append(ListedDocument(id: file.string(2), score: score, rawScore: raw))
            count += 1
        }
        throw .nothing(path: path, what: "whole lists", found: "the line 'end' is missing after \(count) documents")
    }

    /// Writes the lists, those of `topics` in this order.
    /// - Throws: ``FormatError``.
    public func write(to path: String, topics: [String]) throws(FormatError) {
        let file = try OutputFile(path: path)
        try file.write(head + "\n")
        var count = 0
        let names = Set(lists.keys.map(\.list)).sorted()
        for topic in topics {
            _ = try ExternalID.checked(topic, "query id", path: path, line: 1)
            for name in names {
                var lines = ""
                for document in lists[Key(topic: topic, list: name)] ?? [] {
                    lines += "\(topic) \(name) \(document.id) \(document.score) \(document.rawScore)\n"
                    count += 1
                }
                try file.write(lines)
            }
        }
        try file.write("end \(count)\n")
        try file.close()
    }
}
