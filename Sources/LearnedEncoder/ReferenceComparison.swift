import Foundation

/// How far an encoder's vectors are from stored ones.
public struct ReferenceComparison: Sendable, Equatable, Codable {
    /// Texts compared.
    public private(set) var texts = 0
    /// The largest difference of any weight; an absent term weighs 0.
    public private(set) var maximumDifference = 0.0
    /// The smallest cosine of two vectors of one text.
    public private(set) var minimumCosine = 1.0
    /// The mean cosine.
    public private(set) var meanCosine = 1.0
    /// The mean share of the reference's 64 heaviest terms that are among the encoder's 64 heaviest.
    public private(set) var meanOverlap = 1.0
    /// Terms of the references that the model does not have.
    public private(set) var unknownTerms = 0
    /// The line of the text with the largest difference.
    public private(set) var worstLine = 0

    /// Nothing compared yet.
    public init() {}

    /// Adds one text.
    /// - Parameters:
    ///   - found: The encoder's vector.
    ///   - reference: The stored one, by term id; nil ids are terms that the model does not have.
    ///   - line: Where it stands, for the report.
    /// - Complexity: O(terms · log terms).
    public mutating func add(_ found: SparseVector, reference: [(term: UInt32?, weight: Float)], line: Int) {
        var stored: [UInt32: Double] = [:]
        for (term, weight) in reference where weight > 0 {
            if let term { stored[term, default: 0] += Double(weight) } else { unknownTerms += 1 }
        }
        var largest = reference.filter { $0.term == nil }.reduce(0.0) { max($0, Double($1.weight)) }
        var (product, length) = (0.0, 0.0)
        var rest = stored
        for (term, weight) in zip(found.terms, found.weights) {
            let weight = Double(weight)
            let other = rest.removeValue(forKey: term) ?? 0
            largest = max(largest, abs(weight - other))
            product += weight * other
            length += weight * weight
        }
        largest = max(largest, rest.values.max() ?? 0)
        let lengths = (length * stored.values.reduce(0) { $0 + $1 * $1 }).squareRoot()
        // Two empty vectors agree.
        let cosine = lengths > 0 ? product / lengths : found.terms.isEmpty && stored.isEmpty ? 1 : 0
        let best = Self.heaviest(stored.map { ($0.key, $0.value) })
        let own = Self.heaviest(zip(found.terms, found.weights).map { ($0, Double($1)) })
        let overlap = best.isEmpty ? 1 : Double(best.intersection(own).count) / Double(best.count)
        if largest > maximumDifference || texts == 0 { (maximumDifference, worstLine) = (largest, line) }
        minimumCosine = min(minimumCosine, cosine)
        meanCosine += (cosine - meanCosine) / Double(texts + 1)
        meanOverlap += (overlap - meanOverlap) / Double(texts + 1)
        texts += 1
    }

    private static func heaviest(_ vector: [(term: UInt32, weight: Double)]) -> Set<UInt32> {
        let terms = vector.map(\.term)
        return Set(HeaviestFirst.places(vector.map(\.weight), terms).prefix(64).map { terms[$0] })
    }
}
