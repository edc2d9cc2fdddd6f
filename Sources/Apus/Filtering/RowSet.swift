/// Rows of a segment's texts, a bit each.
struct RowSet: Sendable, Equatable {
    /// Rows that there are, in the set or not.
    let rows: Int
    private(set) var words: [UInt64]

    /// None of the rows.
    init(rows: Int) {
        self.rows = rows
        words = [UInt64](repeating: 0, count: (rows + 63) / 64)
    }

    /// Adds a row; one that is not there is passed over.
    mutating func insert(_ row: Int) {
        guard 0..<rows ~= row else { return }
        words[row / 64] |= 1 << UInt64(row % 64)
    }

    func contains(_ row: Int) -> Bool { words[row / 64] >> UInt64(row % 64) & 1 == 1 }

    mutating func formIntersection(_ other: RowSet) {
        for place in words.indices { words[place] &= other.words[place] }
    }

    mutating func formUnion(_ other: RowSet) { for place in words.indices { words[place] |= other.words[place] } }

    /// The rows that are not in it; bits behind the last row are of no account.
    func inverted() -> RowSet {
        var inverse = self
        for place in words.indices { inverse.words[place] = ~words[place] }
        return inverse
    }

    /// The rows that a filter lets through.
    /// - Parameter test: The rows for which one of the filter's tests holds.
    init(rows: Int, _ filter: Filter, _ test: (Filter) -> RowSet) {
        switch filter {
        case .not(let other): self = RowSet(rows: rows, other, test).inverted()
        case .all(let parts):
            self = RowSet(rows: rows).inverted()
            for part in parts { formIntersection(RowSet(rows: rows, part, test)) }
        case .any(let parts):
            self.init(rows: rows)
            for part in parts { formUnion(RowSet(rows: rows, part, test)) }
        default: self = test(filter)
        }
    }
}
