import CorpusFormats
import Foundation
import GRDB

/// The fields of a segment's documents that filters find without reading every document.
///
///     filterable(field INTEGER PRIMARY KEY, name TEXT)
///     fields(field, form, value, row, PRIMARY KEY(field, form, value, row)) WITHOUT ROWID
///
/// A table that is its own index, and not an expression index over JSON functions: those do not find a member whose name is spelled
/// with escapes (`"gr\u00f6\u00dfe"`, as Python writes it), take `true` for 1, end a text at U+0000, and cannot hold the elements of
/// an array. A *form* is 0 null, 1 truth value, 2 number, 3 text, 4 array, 5 object, and 8 more for an element of an array.
struct FilterableFields {
    /// What a row of `fields` says of a value.
    enum Form {
        static let element: Int64 = 8
        static let array: Int64 = 4
        static let object: Int64 = 5

        static func of(_ value: MetadataScalar) -> Int64 {
            switch value {
            case .null: 0
            case .truth: 1
            case .integer, .real: 2
            case .text: 3
            }
        }
    }

    let paths: [MetadataPath]
    private var fields: DocumentFields

    init(_ paths: [MetadataPath]) {
        self.paths = paths
        fields = DocumentFields(paths)
    }

    /// Makes the tables.
    func create(_ database: Database) throws {
        guard !paths.isEmpty else { return }
        try database.execute(
            sql: """
                CREATE TABLE filterable(field INTEGER PRIMARY KEY, name TEXT NOT NULL);
                CREATE TABLE fields(
                    field INTEGER NOT NULL, form INTEGER NOT NULL, value NOT NULL, row INTEGER NOT NULL,
                    PRIMARY KEY(field, form, value, row)) WITHOUT ROWID
                """)
        for (number, path) in paths.enumerated() {
            try database.execute(
                sql: "INSERT INTO filterable VALUES (?, CAST(? AS TEXT))",
                arguments: [number, Data(path.description.utf8)])
        }
    }

    /// Writes the fields of one document.
    mutating func insert(_ title: Data?, _ metadata: Data?, row: Int, _ database: Database) throws {
        guard !paths.isEmpty else { return }
        for (number, value) in fields.values(title: title, metadata: metadata).enumerated() {
            switch value {
            case nil: break
            case .scalar(let scalar): try Self.insert(number, Form.of(scalar), scalar, row, database)
            case .object: try Self.insert(number, Form.object, .null, row, database)
            case .array(let elements):
                try Self.insert(number, Form.array, .null, row, database)
                for element in elements {
                    try Self.insert(number, Form.element + Form.of(element), element, row, database)
                }
            }
        }
    }

    private static func insert(
        _ field: Int, _ form: Int64, _ value: MetadataScalar, _ row: Int, _ database: Database
    ) throws {
        // An array may hold a value twice.
        let statement = try database.cachedStatement(
            sql: form & 7 == 3
                ? "INSERT OR IGNORE INTO fields VALUES (?, ?, CAST(? AS TEXT), ?)"
                : "INSERT OR IGNORE INTO fields VALUES (?, ?, ?, ?)")
        try statement.execute(arguments: [field, form, argument(value), row])
    }

    /// A value as SQLite compares it.
    static func argument(_ value: MetadataScalar) -> any DatabaseValueConvertible {
        switch value {
        case .null: 0
        case .truth(let value): value ? 1 : 0
        case .integer(let value): value
        case .real(let value): value
        case .text(let text): Data(text.string.utf8)
        }
    }

    /// The names of a file's filterable fields by number; none in a file without.
    static func names(_ database: Database, schema: String = "main") throws -> [Data] {
        guard try database.tableExists("filterable", in: schema) else { return [] }
        return try Data.fetchAll(database, sql: "SELECT CAST(name AS BLOB) FROM \(schema).filterable ORDER BY field")
    }

    /// Writes the fields of the rows of an attached file, `part`, whose rows are this one's from `base` on.
    mutating func copy(base: Int, _ database: Database) throws {
        guard !paths.isEmpty else { return }
        if try Self.names(database, schema: "part") == paths.map({ Data($0.description.utf8) }) {
            return try database.execute(
                sql: "INSERT INTO fields SELECT field, form, value, row + ? FROM part.fields", arguments: [base])
        }
        try extract(nil, base: base, database)
    }

    /// The same for some of the part's rows, which become this file's from `base` on in their order.
    mutating func copy(_ rows: [UInt32], base: Int, _ database: Database) throws {
        guard !paths.isEmpty else { return }
        guard try Self.names(database, schema: "part") == paths.map({ Data($0.description.utf8) }) else {
            return try extract(rows, base: base, database)
        }
        var places: [Int: Int] = [:]
        for (place, row) in rows.enumerated() { places[Int(row)] = base + place }
        let insert = try database.cachedStatement(sql: "INSERT INTO fields VALUES (?, ?, ?, ?)")
        let insertText = try database.cachedStatement(sql: "INSERT INTO fields VALUES (?, ?, CAST(? AS TEXT), ?)")
        // Texts as blobs: they may hold U+0000.
        let found = try Row.fetchCursor(
            database,
            sql: """
                SELECT field, form, CASE typeof(value) WHEN 'text' THEN CAST(value AS BLOB) ELSE value END, row
                FROM part.fields
                """)
        while let row = try found.next() {
            let number: Int = row[3]
            guard let place = places[number] else { continue }
            let form: Int64 = row[1]
            let arguments: [DatabaseValue] = [row[0], form.databaseValue, row[2], place.databaseValue]
            try (form & 7 == 3 ? insertText : insert).execute(arguments: StatementArguments(arguments))
        }
    }

    private mutating func extract(_ rows: [UInt32]?, base: Int, _ database: Database) throws {
        if let rows {
            for (place, number) in rows.enumerated() {
                let row = try Row.fetchOne(
                    database,
                    sql: "SELECT CAST(title AS BLOB), CAST(metadata AS BLOB) FROM part.documents WHERE row = ?",
                    arguments: [Int64(number)])
                if let row { try insert(row[0], row[1], row: base + place, database) }
            }
            return
        }
        let rows = try Row.fetchCursor(
            database, sql: "SELECT row, CAST(title AS BLOB), CAST(metadata AS BLOB) FROM part.documents")
        while let row = try rows.next() {
            let number: Int = row[0]
            try insert(row[1], row[2], row: base + number, database)
        }
    }
}
