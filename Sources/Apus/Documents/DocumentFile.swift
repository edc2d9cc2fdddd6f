import FileStorage
import Foundation
import GRDB
import InvertedIndex

/// A segment's texts: one SQLite file that is written once and never touched again.
///
///     documents(row INTEGER PRIMARY KEY, title TEXT, text TEXT, metadata TEXT, checksum INTEGER)
///
/// and the tables of ``FilterableFields``, where there are any.
///
/// Rows are numbered from 0 in the order of the input; ids are in the segment. `checksum` is the CRC-32C of the lengths and bytes
/// of the three texts, plus row × 0x9E3779B1, modulo 2³²: a row that is not the one that was written is never shown. The file's
/// *identity*, the sum of all checksums modulo 2³², stands in the commit and in the file's head (`PRAGMA user_version`), so that
/// another index's file is not taken for this one.
///
/// Few texts of a small segment may be packed in the segment's own file instead, see ``PackedTexts``; they are read into memory
/// then, and all else is the same.
///
/// The file is read as `file:…?immutable=1`: no lock, no journal, and a disk that cannot be written will do.
final class DocumentFile: Sendable {
    let path: String
    /// For all but rows.
    var database: DatabaseQueue { connections.first }
    private let connections: DocumentConnections

    /// - Parameter isTrusted: Whether the caller finds out itself that it is the right file.
    /// - Throws: ``IndexError/texts(path:detail:)``; ``IndexError/corrupt(path:detail:)`` for another index's file;
    ///   ``IndexError/storage(_:)`` for none.
    init(_ texts: SegmentTexts, isTrusted: Bool = false) throws(IndexError) {
        let path = texts.path
        self.path = path
        if texts.isPacked {
            connections = DocumentConnections(try DocumentFileWriter.database(of: try PackedTexts(texts), path))
            return
        }
        // SQLite does not tell a file that is missing from one that cannot be opened now.
        do throws(StorageError) { _ = try Directory.fileSize(path) } catch { throw .storage(error) }
        let identity = isTrusted ? nil : texts.identity
        let first = try Self.translate(path) { try Self.open(path, identity) }
        connections = DocumentConnections(first) { try Self.open(path, identity) }
    }

    /// - Parameter identity: What the file must be; nil takes any.
    private static func open(_ path: String, _ identity: UInt32?) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: immutable(path), configuration: configuration)
        let found = try queue.read { try Int64.fetchOne($0, sql: "PRAGMA user_version") }
        guard identity == nil || found.map({ UInt32(truncatingIfNeeded: $0) }) == identity else {
            throw IndexError.corrupt(path: path, detail: "it is not the file that the commit names")
        }
        return queue
    }

    /// The texts of a row.
    /// - Throws: ``IndexError/texts(path:detail:)`` when it is missing or not what was written.
    func row(_ number: UInt32) throws(IndexError) -> StoredText { try checkedRow(number).text }

    /// The texts of some rows in their order, in one visit to the file.
    /// - Throws: As ``row(_:)``.
    func rows(_ numbers: [UInt32]) throws(IndexError) -> [StoredText] { try checkedRows(numbers).map(\.text) }

    /// Rows of the file.
    var rowCount: Int {
        get throws(IndexError) {
            try Self.translate(path) {
                try database.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM documents") ?? 0 }
            }
        }
    }

    /// The texts of a row, and their checksum.
    /// - Throws: As ``row(_:)``.
    func checkedRow(_ number: UInt32) throws(IndexError) -> (text: StoredText, checksum: UInt32) {
        try checkedRows([number])[0]
    }

    private func checkedRows(_ numbers: [UInt32]) throws(IndexError) -> [(text: StoredText, checksum: UInt32)] {
        try Self.translate(path) {
            try connections.read { database in
                // As blobs: SQLite's texts end at U+0000 for whoever reads them as C strings.
                let statement = try database.cachedStatement(
                    sql: """
                        SELECT CAST(title AS BLOB), CAST(text AS BLOB), CAST(metadata AS BLOB), checksum
                        FROM documents WHERE row = ?
                        """)
                return try numbers.map { number in
                    let found = try Row.fetchCursor(statement, arguments: [Int64(number)])
                    guard let row = try found.next(), let stored = try Self.checked(row, number) else {
                        throw IndexError.corrupt(
                            path: path, detail: "row \(number) is missing or not what was written")
                    }
                    return stored
                }
            }
        }
    }

    /// What a row holds; nil where that is not what was written.
    private static func checked(_ row: Row, _ number: UInt32) throws -> (text: StoredText, checksum: UInt32)? {
        guard row.count == 4, let checksum = Int64.fromDatabaseValue(row[3]) else { return nil }
        return try row.withUnsafeData(atIndex: 0) { title in
            try row.withUnsafeData(atIndex: 1) { text in
                try row.withUnsafeData(atIndex: 2) { metadata in
                    guard let title, let text,
                        checksum == Self.checksum([title, text, metadata], row: Int(number))
                    else { return nil }
                    let stored = StoredText(
                        title: String(decoding: title, as: UTF8.self), text: String(decoding: text, as: UTF8.self),
                        metadata: metadata.map { String(decoding: $0, as: UTF8.self) })
                    return (stored, UInt32(truncatingIfNeeded: checksum))
                }
            }
        }
    }

    /// What `checksum` holds for a row.
    static func checksum(_ texts: [Data?], row: Int) -> Int64 {
        var crc = CRC32C()
        for text in texts {
            let length = text.map { Int64($0.count) } ?? -1
            unsafe withUnsafeBytes(of: length.littleEndian) { unsafe crc.update($0) }
            unsafe text?.withUnsafeBytes { unsafe crc.update($0) }
        }
        return (Int64(crc.value) + shift(rows: row)) & 0xFFFF_FFFF
    }

    /// What a checksum gains when its row moves this far.
    static func shift(rows: Int) -> Int64 { Int64(UInt32(truncatingIfNeeded: rows) &* 0x9E37_79B1) }

    /// The address of a file that nobody writes.
    static func immutable(_ path: String) -> String {
        let plain = path.utf8.map { byte in
            let isPlain = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
            let isOther = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "/._-".utf8.contains(byte)
            return isPlain || isOther ? String(UnicodeScalar(byte)) : String(format: "%%%02X", byte)
        }
        return "file:" + plain.joined() + "?immutable=1"
    }

    /// Whether it is what the file holds that SQLite cannot read: pages, or a table that should be there. Everything else (memory,
    /// descriptors, rights, a full disk) passes, and nothing may be given up for it.
    private static func isDamage(_ code: ResultCode) -> Bool {
        [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_SCHEMA, .SQLITE_FORMAT, .SQLITE_MISMATCH]
            .contains(code)
    }

    /// SQLite's errors with the file's name, and the system's words where SQLite has none.
    static func translate<T>(_ path: String, _ body: () throws -> T) throws(IndexError) -> T {
        do { return try body() } catch {
            if let error = error as? IndexError { throw error }
            guard let error = error as? DatabaseError else { throw .texts(path: path, detail: "\(error)") }
            if error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_IOERR {
                // A file that is being made is not there yet, whatever failed.
                do throws(StorageError) {
                    _ = try Directory.fileSize(path)
                    // SQLite does not say which error it was; a disk that cannot give the bytes back says it again.
                    if error.resultCode == .SQLITE_IOERR { _ = try CRC32C.checksum(ofFile: path) }
                } catch { if case .io = error { throw .storage(error) } }
            }
            let detail = error.message ?? "\(error.resultCode)"
            throw isDamage(error.resultCode) ? .corrupt(path: path, detail: detail) : .texts(path: path, detail: detail)
        }
    }
}
