import Foundation
import GRDB
import InvertedIndex

/// The document store of format 3: texts by external id in one SQLite file beside the segments, read to be converted.
struct FormerStore {
    private let path: String
    private let database: DatabaseQueue

    /// Opened for writing, so that SQLite can finish what a killed writer left in its journal.
    init(_ path: String) throws(IndexError) {
        self.path = path
        database = try DocumentFile.translate(path) {
            guard FileManager.default.fileExists(atPath: path) else {
                throw IndexError.corrupt(path: path, detail: "it is missing")
            }
            return try DatabaseQueue(path: path)
        }
    }

    /// The texts of these documents in their order.
    /// - Throws: ``IndexError`` when one is missing or no text.
    func texts(_ ids: [String]) throws(IndexError) -> [StoredText] {
        try DocumentFile.translate(path) {
            try database.read { database in
                let statement = try database.cachedStatement(
                    sql: """
                        SELECT CAST(title AS BLOB), CAST(text AS BLOB), CAST(metadata AS BLOB) FROM documents
                        WHERE id = CAST(? AS TEXT)
                        """)
                return try ids.map { id in
                    guard let row = try Row.fetchOne(statement, arguments: [Data(id.utf8)]),
                        let title = Data.fromDatabaseValue(row[0]), let text = Data.fromDatabaseValue(row[1])
                    else { throw IndexError.corrupt(path: path, detail: "it has no text of the document '\(id)'") }
                    return StoredText(
                        title: String(decoding: title, as: UTF8.self), text: String(decoding: text, as: UTF8.self),
                        metadata: Data.fromDatabaseValue(row[2]).map { String(decoding: $0, as: UTF8.self) })
                }
            }
        }
    }
}

/// Converts indexes of the format before this one.
public enum IndexUpgrade {
    /// What was done.
    public struct Report: Sendable, Codable {
        /// Documents of the index.
        public var documents: Int
        /// The commit that has the new format.
        public var commit: Int
        /// What could not be made sure of, as a sentence.
        public var warning: String?
    }

    /// Converts an index of format 3 in one commit; scores, order and texts stay.
    /// - Returns: nil when the index has this version's format already.
    /// - Throws: `IndexError`, ``ApusError``; the index is then as it was.
    public static func run(_ directory: String) throws -> Report? {
        guard try !IndexSnapshot.generations(in: directory).isEmpty else {
            throw IndexError.notAnIndex(path: directory)
        }
        let lock = try WriteLock(directory)
        let former: FormerIndex
        do throws(IndexError) { former = try FormerIndex(lock) } catch {
            // Format 4, 5 while it has packed segments, 6 while a document has several passages.
            if case .otherFormat(_, 4...6, _) = error { return nil }
            throw error
        }
        var metadata = former.metadata
        guard let name = metadata.removeValue(forKey: "documents"), !name.contains("/") else {
            throw ApusError.unknownSetting(index: directory, name: "documents", value: "nothing")
        }
        let store = try FormerStore(directory + "/" + name)
        let (snapshot, warning) = try IndexWriter.convert(
            former, lock, metadata: metadata, texts: DocumentFileWriter(),
            stored: { ids throws(IndexError) in try store.texts(ids) })
        return Report(documents: snapshot.documentCount, commit: snapshot.generation, warning: warning)
    }
}
