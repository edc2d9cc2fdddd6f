import ByteStrings
import CorpusFormats
import Foundation
import GRDB
import InvertedIndex

extension DocumentFile {
    /// The rows that tests hold for, in the order of the tests: from the filterable fields where the file has them, else by reading
    /// every row once.
    /// - Parameter rows: Documents of the segment.
    /// - Throws: ``IndexError/texts(path:detail:)``.
    func rows(of tests: [Filter], rows: Int) throws(IndexError) -> [RowSet] {
        try Self.translate(path) {
            try database.read { database in
                let names = try FilterableFields.names(database)
                var found = [RowSet](repeating: RowSet(rows: rows), count: tests.count)
                var others: [Int] = []
                for (place, test) in tests.enumerated() {
                    let name = test.field.map { Data($0.description.utf8) }
                    if let name, let field = names.firstIndex(of: name) {
                        try Self.look(up: test, field: field, database, &found[place])
                    } else {
                        others.append(place)
                    }
                }
                if !others.isEmpty { try Self.scan(tests, others, database, &found) }
                return found
            }
        }
    }

    /// The fields that need no reading of every row.
    /// - Throws: ``IndexError/texts(path:detail:)``.
    func filterableFields() throws(IndexError) -> [MetadataPath] {
        try Self.translate(path) {
            try database.read { database in
                try FilterableFields.names(database).flatMap {
                    try MetadataPath.list(parsing: String(decoding: $0, as: UTF8.self))
                }
            }
        }
    }

    private static func scan(
        _ tests: [Filter], _ places: [Int], _ database: Database, _ found: inout [RowSet]
    ) throws {
        let asked = places.map { FilterTest(tests[$0]) }
        var paths: [MetadataPath] = []
        for test in asked where !paths.contains(test.field) { paths.append(test.field) }
        let fields = asked.map { test in paths.firstIndex(of: test.field) ?? 0 }
        var reader = DocumentFields(paths)
        let cursor = try Row.fetchCursor(
            database,
            sql: reader.needsTitle
                ? "SELECT row, CAST(metadata AS BLOB), CAST(title AS BLOB) FROM documents"
                : "SELECT row, CAST(metadata AS BLOB) FROM documents WHERE metadata IS NOT NULL")
        while let row = try cursor.next() {
            let number: Int = row[0]
            let values = try row.withUnsafeData(atIndex: 1) { metadata in
                guard reader.needsTitle else { return reader.values(title: nil, metadata: metadata) }
                return try row.withUnsafeData(atIndex: 2) { reader.values(title: $0, metadata: metadata) }
            }
            for (index, test) in asked.enumerated() where test.holds(for: values[fields[index]]) {
                found[places[index]].insert(number)
            }
        }
    }

    private static func look(
        up test: Filter, field: Int, _ database: Database, _ found: inout RowSet
    ) throws {
        func add(_ condition: String, _ arguments: [any DatabaseValueConvertible]) throws {
            let statement = try database.cachedStatement(
                sql: "SELECT row FROM fields WHERE field = ? AND " + condition)
            let rows = try Int.fetchCursor(statement, arguments: StatementArguments([field] + arguments))
            while let row = try rows.next() { found.insert(row) }
        }
        func add(_ comparison: String, _ value: MetadataScalar, element: Bool = false) throws {
            let form = FilterableFields.Form.of(value)
            let place = form == 3 ? "CAST(? AS TEXT)" : "?"
            try add(
                "form = ? AND value \(comparison) \(place)",
                [form + (element ? FilterableFields.Form.element : 0), FilterableFields.argument(value)])
        }
        let isThere = "form BETWEEN 1 AND 5"
        switch test {
        case .exists: try add(isThere, [])
        case .compare(_, .unequal, .null): try add(isThere, [])
        case .compare(_, let comparison, let value):
            switch (comparison, value) {
            case (.below, .null), (.atMost, .null), (.above, .null), (.atLeast, .null): break
            case (.below, .truth), (.atMost, .truth), (.above, .truth), (.atLeast, .truth): break
            default: try add(comparison.rawValue, value)
            }
        case .isOne(_, let values): for value in Set(values) { try add("=", value) }
        case .contains(_, let value):
            try add("=", value)
            try add("=", value, element: true)
        case .hasPrefix(_, let prefix):
            let bytes = Data(prefix.string.utf8)
            guard let last = bytes.indices.last else {
                return try add("form = 3", [])
            }
            // The least text that is greater than every one with the prefix; no byte of UTF-8 is 0xFF.
            var end = bytes
            end[last] += 1
            try add("form = 3 AND value >= CAST(? AS TEXT) AND value < CAST(? AS TEXT)", [bytes, end])
        case .not, .all, .any: break
        }
    }
}
