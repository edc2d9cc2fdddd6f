import FileStorage
import Foundation
import GRDB

/// A document as it came in: what `apus get` returns and result lists show.
public struct StoredDocument: Sendable, Equatable, Codable {
    /// External id.
    public var id: String
    /// May be empty.
    public var title: String
    /// May be empty.
    public var text: String
    /// The raw JSON object of whatever else the input said, or nil.
    public var metadata: String?
}

/// Texts and titles by external id, in one SQLite file beside the segments.
///
/// Ranking never reads it. While an index is written the file is in WAL mode; ``finish()`` folds the log back, so that a
/// finished index is one plain file that also opens on a read-only disk.
///
///     documents(id TEXT PRIMARY KEY, title TEXT, text TEXT, metadata TEXT)
public final class DocumentStore: Sendable {
    /// The database file.
    public let path: String
    private let database: DatabaseQueue

    /// Opens the store for reading.
    /// - Throws: ``ApusError/store(path:detail:)``, or `StorageError.missing`.
    public init(reading path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { throw StorageError.missing(path: path) }
        var configuration = Configuration()
        configuration.readonly = true
        self.path = path
        database = try Self.translate(path) { try DatabaseQueue(path: path, configuration: configuration) }
    }

    /// Opens the store for writing and creates it when there is none.
    /// - Throws: ``ApusError/store(path:detail:)``.
    public init(writing path: String) throws {
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(
                sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536")
        }
        self.path = path
        database = try Self.translate(path) {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.write { database in
                try database.execute(
                    sql: """
                        CREATE TABLE IF NOT EXISTS documents(
                            id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, metadata TEXT)
                        """)
            }
            return queue
        }
    }

    /// Stores a batch in one transaction. A row of an earlier, interrupted build with the same id is replaced.
    /// - Throws: ``ApusError/store(path:detail:)``.
    public func insert(_ documents: [StoredDocument]) throws {
        try Self.translate(path) {
            try database.write { database in
                let statement = try database.cachedStatement(
                    sql: "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)")
                for document in documents {
                    try statement.execute(arguments: [document.id, document.title, document.text, document.metadata])
                }
            }
        }
    }

    /// Makes everything inserted so far durable; called before each index commit.
    /// - Throws: ``ApusError/store(path:detail:)``.
    public func synchronize() throws {
        try Self.translate(path) {
            try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        }
    }

    /// Ends writing: one plain file remains.
    /// - Throws: ``ApusError/store(path:detail:)``.
    public func finish() throws {
        try Self.translate(path) {
            try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
        }
    }

    /// The documents with these ids; ids without a document are left out.
    /// - Throws: ``ApusError/store(path:detail:)``.
    public func documents(_ ids: [String]) throws -> [String: StoredDocument] {
        try Self.translate(path) {
            try database.read { database in
                let statement = try database.cachedStatement(
                    sql: "SELECT id, title, text, metadata FROM documents WHERE id = ?")
                var found: [String: StoredDocument] = [:]
                for id in ids {
                    guard let row = try Row.fetchOne(statement, arguments: [id]) else { continue }
                    found[id] = StoredDocument(id: row[0], title: row[1], text: row[2], metadata: row[3])
                }
                return found
            }
        }
    }

    /// Bytes of the database file.
    public var bytes: Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int).flatMap { $0 } ?? 0
    }

    private static func translate<T>(_ path: String, _ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as DatabaseError {
            throw ApusError.store(path: path, detail: error.message ?? "\(error.resultCode)")
        }
    }
}
