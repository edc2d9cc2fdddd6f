import FileStorage
import Foundation
import GRDB
import InvertedIndex
import Synchronization

/// Writes segments' texts, see ``DocumentFile``.
///
/// Without a journal and without syncing: the file gets its name only when it is whole, and is synced as a whole then.
final class DocumentFileWriter: SegmentTextsWriter {
    private struct Begun {
        let path: String
        let database: DatabaseQueue
        var fields: FilterableFields
        var rows = 0
        var identity: UInt32 = 0
    }

    private let begun = Mutex<Begun?>(nil)
    private let filterable: [MetadataPath]?

    /// - Parameter filterable: The fields that filters shall find fast; nil keeps those of joined files.
    init(filterable: [MetadataPath]? = nil) { self.filterable = filterable }

    func append(_ texts: [StoredText], to path: String) throws(IndexError) {
        let result: Result<Void, IndexError> = begun.withLock { state in
            do throws(IndexError) {
                var open = state
                if open == nil {
                    let fields = FilterableFields(filterable ?? [])
                    open = Begun(path: path, database: try Self.create(path, fields), fields: fields)
                }
                guard var open, open.path == path else {
                    throw .texts(path: path, detail: "another file of texts is open")
                }
                try Self.insert(texts, &open)
                state = open
                return .success(())
            } catch {
                state = nil
                return .failure(error)
            }
        }
        try result.get()
    }

    func finish() throws(IndexError) -> UInt32 {
        let open = begun.withLock { state in
            defer { state = nil }
            return state
        }
        guard let open else { return 0 }
        try Self.close(open.database, identity: open.identity, open.path)
        return open.identity
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

    func join(_ parts: [SegmentTexts], rows: [[UInt32]?], to path: String) throws(IndexError) -> UInt32 {
        var identity: UInt32 = 0
        var paths = filterable ?? []
        if filterable == nil { paths = try Self.filterable(parts) }
        var fields = FilterableFields(paths)
        let database = try Self.create(path, fields)
        try DocumentFile.translate(path) {
            var base = 0
            for (part, rows) in zip(parts, rows) {
                if let rows {
                    let copied = try Self.copy(rows, of: part, to: database, from: base, &fields)
                    identity &+= copied
                    base += rows.count
                    continue
                }
                try database.writeWithoutTransaction { database in
                    try Self.attach(part, database)
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
                identity &+= part.identity &+ UInt32(part.rows) &* UInt32(DocumentFile.shift(rows: base))
                base += part.rows
            }
        }
        try Self.close(database, identity: identity, path)
        return identity
    }

    /// The fields that any of the files has.
    private static func filterable(_ parts: [SegmentTexts]) throws(IndexError) -> [MetadataPath] {
        var paths: [MetadataPath] = []
        for part in parts {
            let names = try DocumentFile(part).filterableFields()
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
        return try DocumentFile.translate(path) {
            let database = try DatabaseQueue(path: path, configuration: configuration)
            try database.write {
                try $0.execute(
                    sql: """
                        CREATE TABLE documents(
                            row INTEGER PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, metadata TEXT,
                            checksum INTEGER NOT NULL)
                        """)
                try fields.create($0)
            }
            return database
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
