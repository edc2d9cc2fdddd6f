import FileStorage
import Foundation
import GRDB
import InvertedIndex
import Synchronization

/// Writes segments' texts, see ``DocumentFile``.
///
/// Without a journal and without syncing: the file gets its name only when it is whole, and is synced as a whole then. Few texts
/// are no file where the segment packs them, see ``PackedTexts``.
final class DocumentFileWriter: SegmentTextsWriter {
    /// Texts that are held at most before a file is begun.
    static let mostPackedBytes = 256 << 10

    private struct Begun {
        let path: String
        let database: DatabaseQueue
        var fields: FilterableFields
        var rows = 0
        var identity: UInt32 = 0
    }

    /// What was appended: few texts are held, since they may be packed.
    private enum State {
        case empty
        case held(PackedTexts, path: String)
        case file(Begun)
    }

    private let state = Mutex<State>(.empty)
    private let filterable: [MetadataPath]?

    /// - Parameter filterable: The fields that filters shall find fast; nil keeps those of joined files.
    init(filterable: [MetadataPath]? = nil) { self.filterable = filterable }

    func append(_ texts: [StoredText], to path: String) throws(IndexError) {
        let result: Result<Void, IndexError> = state.withLock { state in
            do throws(IndexError) {
                state = try appending(texts, to: state, path)
                return .success(())
            } catch {
                state = .empty
                return .failure(error)
            }
        }
        try result.get()
    }

    private func appending(_ texts: [StoredText], to state: State, _ path: String) throws(IndexError) -> State {
        var begun: Begun
        switch state {
        case .empty, .held:
            var held = PackedTexts(fields: filterable ?? [])
            if case .held(let before, let other) = state {
                guard other == path else { throw .texts(path: path, detail: "another file of texts is open") }
                held = before
            }
            for text in texts { held.append(text) }
            if held.count <= Self.mostPackedBytes { return .held(held, path: path) }
            return .file(try Self.begin(held, path))
        case .file(let open):
            guard open.path == path else { throw .texts(path: path, detail: "another file of texts is open") }
            begun = open
        }
        try Self.insert(texts, &begun)
        return .file(begun)
    }

    /// A file with the texts that were held.
    private static func begin(_ held: PackedTexts, _ path: String) throws(IndexError) -> Begun {
        let fields = FilterableFields(held.fields)
        var begun = Begun(path: path, database: try create(path, fields), fields: fields)
        try insert(held.rows, &begun)
        return begun
    }

    func finish(packs: Bool) throws(IndexError) -> WrittenTexts {
        let ended = state.withLock { state in
            defer { state = .empty }
            return state
        }
        let begun: Begun
        switch ended {
        case .empty: return WrittenTexts(identity: 0)
        case .held(let held, _) where packs: return held.written
        case .held(let held, let path): begun = try Self.begin(held, path)
        case .file(let open): begun = open
        }
        try Self.close(begun.database, identity: begun.identity, begun.path)
        return WrittenTexts(identity: begun.identity)
    }

    /// Writes the identity into the file's head and ends it.
    private static func close(_ database: DatabaseQueue, identity: UInt32, _ path: String) throws(IndexError) {
        try DocumentFile.translate(path) {
            try database.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA user_version = \(Int32(bitPattern: identity))")
            }
            try database.close()
        }
    }

    func join(
        _ parts: [SegmentTexts], rows: [[UInt32]?], to path: String, packs: Bool
    ) throws(IndexError) -> WrittenTexts {
        var paths = filterable ?? []
        if filterable == nil { paths = try Self.filterable(parts) }
        if packs, parts.allSatisfy(\.isPacked) {
            var joined = PackedTexts(fields: paths)
            for (part, rows) in zip(parts, rows) {
                for text in try Self.rows(rows, ofPacked: part) { joined.append(text) }
            }
            // What is held of many small segments may be large together.
            if joined.count <= Self.mostPackedBytes { return joined.written }
        }
        let fields = FilterableFields(paths)
        var joined = Begun(path: path, database: try Self.create(path, fields), fields: fields)
        for (part, rows) in zip(parts, rows) {
            if part.isPacked {
                try Self.insert(try Self.rows(rows, ofPacked: part), &joined)
            } else {
                try Self.copy(rows, of: part, to: &joined)
            }
        }
        try Self.close(joined.database, identity: joined.identity, path)
        return WrittenTexts(identity: joined.identity)
    }

    /// Some of the rows of packed texts, or all of them.
    private static func rows(_ rows: [UInt32]?, ofPacked part: SegmentTexts) throws(IndexError) -> [StoredText] {
        let texts = try PackedTexts(part).rows
        guard let rows else { return texts }
        var some: [StoredText] = []
        for row in rows {
            guard texts.indices.contains(Int(row)) else {
                throw .corrupt(path: part.path, detail: "row \(row) is missing")
            }
            some.append(texts[Int(row)])
        }
        return some
    }

    /// Copies some rows of a file, or all of them, behind those that are there.
    private static func copy(
        _ rows: [UInt32]?, of part: SegmentTexts, to joined: inout Begun
    ) throws(IndexError) {
        let (base, database) = (joined.rows, joined.database)
        var fields = joined.fields
        let gained = try DocumentFile.translate(joined.path) {
            if let rows { return try Self.copy(rows, of: part, to: database, from: base, &fields) }
            try database.writeWithoutTransaction { database in
                try attach(part, database)
                try database.execute(
                    sql: """
                        INSERT INTO documents SELECT row + ?, title, text, metadata, (checksum + ?) & 0xFFFFFFFF
                        FROM part.documents ORDER BY row
                        """, arguments: [base, DocumentFile.shift(rows: base)])
                let copied = database.changesCount
                try fields.copy(base: base, database)
                try database.execute(sql: "DETACH DATABASE part")
                guard copied == part.rows else {
                    throw IndexError.corrupt(
                        path: part.path, detail: "it has \(copied) rows, its segment has \(part.rows) documents")
                }
            }
            return part.identity &+ UInt32(part.rows) &* UInt32(DocumentFile.shift(rows: base))
        }
        joined.identity &+= gained
        joined.rows += rows?.count ?? part.rows
    }

    /// The fields that any of the files has.
    private static func filterable(_ parts: [SegmentTexts]) throws(IndexError) -> [MetadataPath] {
        var paths: [MetadataPath] = []
        for part in parts {
            let names = try part.isPacked ? PackedTexts(part).fields : DocumentFile(part).filterableFields()
            for path in names where !paths.contains(path) { paths.append(path) }
        }
        return paths
    }

    /// An error names this file, not the one that is written.
    private static func attach(_ part: SegmentTexts, _ database: Database) throws {
        try DocumentFile.translate(part.path) {
            try database.execute(
                sql: "ATTACH DATABASE ? AS part", arguments: [DocumentFile.immutable(part.path)])
        }
    }

    /// Copies some rows of a file behind the first `base` rows.
    /// - Returns: The sum of their new checksums.
    private static func copy(
        _ rows: [UInt32], of part: SegmentTexts, to database: DatabaseQueue, from base: Int,
        _ fields: inout FilterableFields
    ) throws -> UInt32 {
        try database.writeWithoutTransaction { database in
            try attach(part, database)
            var sum: UInt32 = 0
            try database.inTransaction {
                let insert = try database.makeStatement(
                    sql: """
                        INSERT INTO documents SELECT ?, title, text, metadata, (checksum + ?) & 0xFFFFFFFF
                        FROM part.documents WHERE row = ? RETURNING checksum
                        """)
                for (place, row) in rows.enumerated() {
                    let new = base + place
                    let shift = (DocumentFile.shift(rows: new) - DocumentFile.shift(rows: Int(row))) & 0xFFFF_FFFF
                    guard let checksum = try Int64.fetchOne(insert, arguments: [new, shift, Int64(row)]) else {
                        throw IndexError.corrupt(path: part.path, detail: "row \(row) is missing")
                    }
                    sum &+= UInt32(truncatingIfNeeded: checksum)
                }
                try fields.copy(rows, base: base, database)
                return .commit
            }
            try database.execute(sql: "DETACH DATABASE part")
            return sum
        }
    }

    /// Texts in memory, for whoever reads packed ones.
    static func database(of texts: PackedTexts, _ path: String) throws(IndexError) -> DatabaseQueue {
        let fields = FilterableFields(texts.fields)
        let database = try DocumentFile.translate(path) { try DatabaseQueue() }
        try create(in: database, fields, path)
        var begun = Begun(path: path, database: database, fields: fields)
        try insert(texts.rows, &begun)
        return database
    }

    private static func create(_ path: String, _ fields: FilterableFields) throws(IndexError) -> DatabaseQueue {
        Directory.removeFile(path)
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
                    PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY
                    """)
        }
        let database = try DocumentFile.translate(path) {
            try DatabaseQueue(path: path, configuration: configuration)
        }
        try create(in: database, fields, path)
        return database
    }

    private static func create(
        in database: DatabaseQueue, _ fields: FilterableFields, _ path: String
    ) throws(IndexError) {
        try DocumentFile.translate(path) {
            try database.write {
                try $0.execute(
                    sql: """
                        CREATE TABLE documents(
                            row INTEGER PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, metadata TEXT,
                            checksum INTEGER NOT NULL)
                        """)
                try fields.create($0)
            }
        }
    }

    private static func insert(_ texts: [StoredText], _ open: inout Begun) throws(IndexError) {
        let (first, connection) = (open.rows, open.database)
        var fields = open.fields
        let sums = try DocumentFile.translate(open.path) {
            var sums: UInt32 = 0
            try connection.write { database in
                // From blobs: a text keeps its U+0000 and what stands behind it.
                let statement = try database.cachedStatement(
                    sql: "INSERT INTO documents VALUES (?, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?)")
                for (index, stored) in texts.enumerated() {
                    let bytes = [
                        Data(stored.title.utf8), Data(stored.text.utf8), stored.metadata.map { Data($0.utf8) },
                    ]
                    let row = first + index
                    let checksum = DocumentFile.checksum(bytes, row: row)
                    sums &+= UInt32(truncatingIfNeeded: checksum)
                    try statement.execute(arguments: [row, bytes[0], bytes[1], bytes[2], checksum])
                    try fields.insert(bytes[0], bytes[2], row: row, database)
                }
            }
            return sums
        }
        open.identity &+= sums
        open.rows += texts.count
    }
}
