import Foundation

/// How rare a term is: ln(1 + (N − df + 0.5) / (df + 0.5)) for a term in df of N documents; Lucene's, and above 0 for every term.
///
/// N and df are those of the live documents of all segments, whatever a filter leaves out, so they follow every addition and
/// deletion at once.
public enum InverseDocumentFrequency {
    /// Powers of it that weights may be multiplied with.
    public static let powers = 0.0...2.0

    /// The idf of a term in `frequency` of `documents` documents.
    public static func value(documents: Int, frequency: Int) -> Double {
        let df = Double(frequency)
        // A damaged commit may count fewer documents than a list has; the weight stays positive.
        return log(1 + (max(Double(documents), df) - df + 0.5) / (df + 0.5))
    }

    /// The idf to a power; 1 for the power 0.
    static func factor(_ power: Double, documents: Int, frequency: Int) -> Double {
        power == 0 ? 1 : pow(value(documents: documents, frequency: frequency), power)
    }
}

extension IndexSnapshot {
    /// The weights that a query's terms have in a search: each times the idf of its term to the query's power. Without a power they
    /// are those of the query; with one, a term that no document holds weighs nothing.
    /// - Throws: ``IndexError/corrupt(path:detail:)``, where documents are deleted.
    public func effectiveWeights(of query: Query) throws(IndexError) -> [Float] {
        guard query.field == .learned, query.idfPower != 0 else { return query.terms.map(\.weight) }
        var weights: [Float] = []
        for term in query.terms {
            let frequency = try global.find(term.term, .learned).documentFrequency
            let factor = InverseDocumentFrequency.factor(
                query.idfPower, documents: global.collection.documents, frequency: frequency)
            weights.append(frequency == 0 ? 0 : Float(Double(term.weight) * factor))
        }
        return weights
    }
}
