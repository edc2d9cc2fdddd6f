import FileStorage
import Foundation
import InvertedIndex

/// A few documents' texts as bytes of a small segment's own file, where an SQLite file would be larger than what it holds.
///
///     UInt32 filterable fields, and of each: UInt32 bytes of its name | the name
///     of each row: UInt32 bytes of the title, of the text, of the metadata (0xFFFFFFFF for none) | the three, one after another
///
/// all little-endian, rows in order. The identity is that of a ``DocumentFile`` with these rows.
struct PackedTexts {
    private static let none = UInt32.max

    /// The names of the fields that filters find fast.
    private(set) var fields: [MetadataPath]
    /// The texts of each row.
    private(set) var rows: [StoredText] = []
    private(set) var identity: UInt32 = 0
    /// About how many bytes they take.
    private(set) var count = 0

    init(fields: [MetadataPath]) { self.fields = fields }

    /// Reads what ``encoded`` wrote.
    /// - Throws: ``IndexError/corrupt(path:detail:)`` when it is something else.
    init(_ texts: SegmentTexts) throws(IndexError) {
        fields = []
        var rest = PackedReader(bytes: texts.packed ?? [], path: texts.path)
        for _ in 0..<(try rest.number()) {
            let name = String(decoding: try rest.take(try rest.number()), as: UTF8.self)
            guard let parsed = try? MetadataPath.list(parsing: name) else {
                throw .corrupt(path: texts.path, detail: "'\(name)' is no field of its texts")
            }
            fields += parsed
        }
        while !rest.isAtEnd {
            let (title, text, metadata) = (try rest.number(), try rest.number(), try rest.number())
            var row = StoredText()
            row.title = String(decoding: try rest.take(title), as: UTF8.self)
            row.text = String(decoding: try rest.take(text), as: UTF8.self)
            if metadata != Self.none { row.metadata = String(decoding: try rest.take(metadata), as: UTF8.self) }
            append(row)
        }
        guard rows.count == texts.rows, identity == texts.identity else {
            throw .corrupt(path: texts.path, detail: "its texts are not those that the commit names")
        }
    }

    mutating func append(_ row: StoredText) {
        let bytes = [Data(row.title.utf8), Data(row.text.utf8), row.metadata.map { Data($0.utf8) }]
        identity &+= UInt32(truncatingIfNeeded: DocumentFile.checksum(bytes, row: rows.count))
        count += bytes.reduce(12) { $0 + ($1?.count ?? 0) }
        rows.append(row)
    }

    /// The bytes for the segment's file.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        func number(_ value: UInt32) {
            unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
        }
        number(UInt32(fields.count))
        for field in fields {
            let name = Array(field.description.utf8)
            number(UInt32(name.count))
            bytes += name
        }
        for row in rows {
            number(UInt32(row.title.utf8.count))
            number(UInt32(row.text.utf8.count))
            number(row.metadata.map { UInt32($0.utf8.count) } ?? Self.none)
            bytes += row.title.utf8
            bytes += row.text.utf8
            bytes += row.metadata?.utf8 ?? "".utf8
        }
        return bytes
    }

    /// What a ``SegmentTextsWriter`` returns of them.
    var written: WrittenTexts { WrittenTexts(identity: identity, packed: encoded) }
}

/// Reads numbers and bytes one after another.
private struct PackedReader {
    let bytes: [UInt8]
    let path: String
    private var place = 0

    init(bytes: [UInt8], path: String) { (self.bytes, self.path) = (bytes, path) }

    var isAtEnd: Bool { place == bytes.count }

    mutating func number() throws(IndexError) -> UInt32 {
        try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func take(_ count: UInt32) throws(IndexError) -> ArraySlice<UInt8> {
        guard Int(count) <= bytes.count - place else {
            throw .corrupt(path: path, detail: "its texts end within a document")
        }
        defer { place += Int(count) }
        return bytes[place..<place + Int(count)]
    }
}
