import CApus

/// Rows of terms and weights that a caller passes.
@safe final class Matrix {
    private let ends: UnsafeBufferPointer<Int64>
    private let terms: UnsafeBufferPointer<UInt32>
    private let weights: UnsafeBufferPointer<Float>
    private let vocabulary: Strings?
    /// The columns' names that were asked for; a row has few of them.
    private var names: [String?] = []
    private let columns: Int64

    /// - Parameter vocabulary: The names of the columns; NULL calls them by their numbers.
    /// - Throws: ``Misuse`` for NULL arrays, ends that go back, and a vocabulary of another size.
    init(_ matrix: apus_matrix, _ vocabulary: UnsafePointer<apus_strings>?) throws(Misuse) {
        unsafe ends = try unsafe Call.values(matrix.ends, matrix.rows, "vectors")
        try unsafe Ends.check(ends, "vectors")
        let count = unsafe ends.last ?? 0
        unsafe terms = try unsafe Call.values(matrix.terms, count, "terms of vectors")
        unsafe weights = try unsafe Call.values(matrix.weights, count, "weights of vectors")
        columns = unsafe matrix.columns
        guard let given = unsafe vocabulary else {
            self.vocabulary = nil
            return
        }
        let vocabulary = try unsafe Strings(given, "vocabulary")
        guard vocabulary.count == Int(columns) else {
            throw Misuse(
                description: "The vocabulary has \(vocabulary.count) names, and the vectors have \(columns) columns.")
        }
        self.vocabulary = vocabulary
        names = [String?](repeating: nil, count: vocabulary.count)
    }

    var rows: Int { unsafe ends.count }

    /// Terms and weights of a row.
    /// - Throws: ``Misuse`` for a term beyond the columns, and for a weight that is negative or no number.
    func row(_ row: Int) throws(Misuse) -> [(term: String, weight: Float)] {
        var found: [(term: String, weight: Float)] = []
        // Safe: the ends ascend, and as many terms and weights are there as the last one says.
        let range = unsafe (row == 0 ? 0 : Int(ends[row - 1]))..<Int(ends[row])
        found.reserveCapacity(range.count)
        for place in range {
            let (term, weight) = unsafe (terms[place], weights[place])
            guard Int64(term) < columns else {
                throw Misuse(
                    description: "Row \(row) of the vectors has the term \(term), and there are \(columns) columns.")
            }
            guard weight >= 0, weight.isFinite else {
                throw Misuse(
                    description:
                        "Row \(row) of the vectors gives the term \(term) the weight \(weight); give numbers of at least 0."
                )
            }
            if weight > 0 { found.append((try name(Int(term)), weight)) }
        }
        return found
    }

    private func name(_ term: Int) throws(Misuse) -> String {
        guard let vocabulary else { return String(term) }
        if let known = names[term] { return known }
        let name = try vocabulary.text(term)
        names[term] = name
        return name
    }
}
