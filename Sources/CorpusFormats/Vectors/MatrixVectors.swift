/// Reads documents × terms out of a .npz archive, as `scipy.sparse.save_npz` and `numpy.savez` write it: compressed rows (`indptr`,
/// `indices`, `data`) or triples in the order of rows (`row`, `col`, `data`), stored or compressed.
///
/// Ids are the array `ids`, where there is one, the lines of a file, or the numbers of the rows from 0. Columns are numbers, or the
/// names that a vocabulary gives them. All arrays are read side by side; nothing of them is held.
final class MatrixVectors: VectorSource {
    let path: String
    let totalBytes: Int?
    private let vocabulary: VectorVocabulary?
    private let ids: [String]?
    private let names: NumberColumn?
    private let rows: Int
    private let columns: Int?
    /// Compressed rows: where each ends. Triples: the row of each.
    private let places: NumberColumn
    private let indices: NumberColumn
    private let values: NumberColumn
    private let isCompressed: Bool
    private var row = 0
    private var done = 0
    /// Triples: the row of the one that is next, which is read already.
    private var waiting: Int?

    init(path: String, vocabulary: VectorVocabulary?, ids: [String]?) throws(FormatError) {
        self.path = path
        self.vocabulary = vocabulary
        self.ids = ids
        let archive = try ZipArchive(path: path)
        totalBytes = archive.bytes
        guard archive.members.contains(where: { $0.name.hasSuffix(".npy") }) else {
            throw .foreign(path: path, found: "a zip archive", advice: "Unpack it first.")
        }
        func column(_ names: String...) throws(FormatError) -> NumberColumn? {
            for name in names {
                guard let member = archive.members.first(where: { $0.name == name + ".npy" }) else { continue }
                return try NumberColumn(member, of: path)
            }
            return nil
        }
        func wrong(_ detail: String) -> FormatError { .malformed(path: path, what: "npz archive", detail: detail) }
        var format = ""
        if let said = try column("format"), said.isText, said.count == 1 { format = try said.text() }
        guard format.isEmpty || format == "csr" || format == "coo" else {
            throw wrong("it holds a matrix in the form '\(format)'; save it as rows, with .tocsr()")
        }
        guard let values = try column("data", "values"), let indices = try column("indices", "col", "cols") else {
            let held = archive.members.map(\.name).joined(separator: ", ")
            throw wrong("it has no arrays indptr, indices and data, nor row, col and data; it has \(held)")
        }
        (self.values, self.indices) = (values, indices)
        guard values.count == indices.count else {
            throw wrong("it has \(indices.count) columns of \(values.count) values")
        }
        var shape: [Int] = []
        if let said = try column("shape"), said.count == 2 { shape = [try said.integer(), try said.integer()] }
        names = ids == nil ? try column("ids", "doc_ids", "docids") : nil
        if let ends = try column("indptr") {
            (places, isCompressed) = (ends, true)
            guard ends.count > 0, try ends.integer() == 0 else {
                throw wrong("its array 'indptr' does not begin with 0")
            }
            rows = ends.count - 1
        } else if let row = try column("row", "rows") {
            (places, isCompressed) = (row, false)
            guard row.count == values.count else { throw wrong("it has \(row.count) rows of \(values.count) values") }
            guard let said = shape.first ?? ids?.count ?? names?.count else {
                throw wrong("triples do not say how many rows there are; it needs an array 'shape'")
            }
            rows = said
        } else {
            throw wrong("it has neither 'indptr' nor 'row'")
        }
        guard shape.isEmpty || shape[0] == rows else {
            throw wrong("its shape says \(shape.first ?? 0) rows, and there are \(rows)")
        }
        columns = shape.count == 2 ? shape[1] : nil
        if let count = ids?.count ?? names?.count, count != rows {
            throw wrong("there are \(count) ids for \(rows) rows")
        }
        if let columns, let vocabulary, vocabulary.count < columns {
            throw wrong("it has \(columns) columns, and '\(vocabulary.path)' names \(vocabulary.count)")
        }
        guard rows > 0 else { throw .nothing(path: path, what: "vectors", found: "its matrix has no rows") }
    }

    var bytesRead: Int { places.bytesRead + indices.bytesRead + values.bytesRead + (names?.bytesRead ?? 0) }

    func next() throws(FormatError) -> TermVector? {
        guard row < rows else {
            for column in [places, indices, values] { try column.finish() }
            return nil
        }
        defer { row += 1 }
        let line = row + 1
        var weights: [(term: String, weight: Float)] = []
        if isCompressed {
            let end = try places.integer()
            guard end >= done, end <= values.count, row < rows - 1 || end == values.count else {
                throw .malformed(
                    path: path, what: "npz archive",
                    detail: "row \(row) ends at \(end), after \(done) of \(values.count) values")
            }
            weights.reserveCapacity(end - done)
            while done < end { try take(&weights, line) }
        } else {
            while done < values.count {
                let place: Int
                if let waiting { place = waiting } else { place = try places.integer() }
                guard place >= row, place < rows else {
                    throw .malformed(
                        path: path, what: "npz archive",
                        detail: "value \(done) is of row \(place) behind one of row \(row); sort it, with .tocsr()")
                }
                waiting = place
                guard place == row else { break }
                waiting = nil
                try take(&weights, line)
            }
            if row == rows - 1, done < values.count {
                throw .malformed(path: path, what: "npz archive", detail: "\(values.count - done) values are of no row")
            }
        }
        let id: String
        if let ids { id = ids[row] } else if let names { id = try names.text() } else { id = String(row) }
        return TermVector(
            id: try ExternalID.checked(id, "document id", path: path, line: line), contents: nil, weights: weights,
            metadata: nil, line: line)
    }

    private func take(_ weights: inout [(term: String, weight: Float)], _ line: Int) throws(FormatError) {
        let (index, value) = (try indices.integer(), Float(try values.number()))
        done += 1
        let term = try VectorTerms.name(of: index, below: columns, vocabulary, path: path, line: line)
        try VectorTerms.check(value, of: term, path: path, line: line)
        // A matrix may hold zeros as values.
        if value > 0 { weights.append((term, value)) }
    }
}

/// What all files of vectors ask of their terms and weights.
enum VectorTerms {
    /// The name of a term that is told by its number.
    static func name(
        of number: Int, below limit: Int? = nil, _ vocabulary: VectorVocabulary?, path: String, line: Int
    ) throws(FormatError) -> String {
        guard number >= 0, limit.map({ number < $0 }) ?? true else {
            throw .badNumber(path: path, line: line, what: "term number", found: "\(number)")
        }
        guard let vocabulary else { return String(number) }
        guard let name = vocabulary.name(of: number) else {
            throw .badNumber(
                path: path, line: line, what: "term number, which '\(vocabulary.path)' does not name,",
                found: "\(number)")
        }
        return name
    }

    static func check(_ weight: Float, of term: String, path: String, line: Int) throws(FormatError) {
        guard weight >= 0, weight.isFinite else {
            throw .badNumber(path: path, line: line, what: "weight of '\(term)'", found: "\(weight)")
        }
    }
}
