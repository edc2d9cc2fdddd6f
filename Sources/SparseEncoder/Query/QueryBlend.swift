import Foundation

/// The siamese and the inference-free vector of a query as one: `(1 − s) a + s b |a| / |b|`, its heaviest terms kept.
///
/// The table holds on to what was typed where the encoder drifts, and the cut keeps a long query as cheap as a short one.
/// `apus.json` in the model's folder asks for it, and both numbers are chosen on development queries:
///
///     {"blended_query": {"table_share": 0.3, "most_terms": 30}}
struct QueryBlend: Sendable, Equatable {
    /// s, the table's share, 0...1.
    let tableShare: Float
    /// Terms that a query keeps, at least 1.
    let mostTerms: Int

    init(tableShare: Float, mostTerms: Int) {
        self.tableShare = tableShare
        self.mostTerms = mostTerms
    }

    /// What the model's `apus.json` asks for; nil without one.
    /// - Throws: ``EncoderError/malformed(path:detail:)``.
    init?(_ files: ModelFiles) throws(EncoderError) {
        guard let bytes = try files.bytes(HeadSettings.fileName) else { return nil }
        let file = try JSONFile(bytes)
        guard file.keys.contains("blended_query") else { return nil }
        guard let blend = file.object("blended_query"),
            let share = (blend["table_share"] as? NSNumber)?.floatValue, (0...1).contains(share),
            let terms = (blend["most_terms"] as? NSNumber)?.doubleValue, (1...65_535).contains(terms),
            terms == terms.rounded()
        else {
            throw .malformed(
                path: file.path,
                detail:
                    "'blended_query' needs 'table_share' from 0 to 1 and 'most_terms', a whole number from 1 to 65535")
        }
        self.init(tableShare: share, mostTerms: Int(terms))
    }

    /// Mixes the two vectors of one query; where one of them is empty, the other is cut.
    /// - Complexity: O(n log n) for n terms.
    func vector(siamese: SparseVector, table: SparseVector) -> SparseVector {
        let own = Self.norm(siamese.weights)
        let other = Self.norm(table.weights)
        var mixed: [UInt32: Float] = [:]
        for (term, weight) in zip(siamese.terms, siamese.weights) {
            mixed[term] = weight * (other > 0 ? 1 - tableShare : 1)
        }
        let scale = other > 0 ? (own > 0 ? tableShare * own / other : 1) : 0
        for (term, weight) in zip(table.terms, table.weights) { mixed[term, default: 0] += weight * scale }
        let kept = mixed.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(mostTerms)
            .sorted { $0.key < $1.key }
        var vector = siamese
        vector.terms = kept.map(\.key)
        vector.weights = kept.map(\.value)
        return vector
    }

    private static func norm(_ weights: [Float]) -> Float { weights.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
