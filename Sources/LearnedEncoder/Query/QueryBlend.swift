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

    /// Mixes the two vectors of one query; where one of them is empty, the other is cut.
    /// - Complexity: O(n log n) for n terms.
    func vector(siamese: SparseVector, table: SparseVector) -> SparseVector {
        let (own, other) = (Self.norm(siamese.weights), Self.norm(table.weights))
        let (first, second) = own > 0 && other > 0 ? (1 - tableShare, tableShare * own / other) : (1, 1)
        var mixed: [UInt32: Float] = [:]
        for (term, weight) in zip(siamese.terms, siamese.weights) { mixed[term] = first * weight }
        for (term, weight) in zip(table.terms, table.weights) { mixed[term, default: 0] += second * weight }
        let all = mixed.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        var vector = siamese
        (vector.terms, vector.weights) = (all.map(\.key), all.map(\.value))
        let kept = vector.heaviestFirst.prefix(mostTerms).sorted()
        (vector.terms, vector.weights) = (kept.map { vector.terms[$0] }, kept.map { vector.weights[$0] })
        return vector
    }

    private static func norm(_ weights: [Float]) -> Float { weights.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

extension QueryBlend {
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
}
