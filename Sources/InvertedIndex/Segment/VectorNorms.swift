import Foundation

/// How the lengths of document vectors are evened out before their weights become impacts: each is divided by
/// (its L2 norm / the mean norm) to a power, so that long documents do not win by their length alone.
///
/// The mean is agreed on once, with the scale of the impacts and from the same documents, and stays for all that come later: a
/// document's impacts depend on no other document that comes after these.
public struct VectorNorms: Sendable, Equatable, Codable {
    /// Powers that make sense: 0 leaves vectors as they are, 1 makes all of them equally long.
    public static let powers = 0.0...1.0

    /// The power, 0…1.
    public let power: Double
    /// The mean L2 norm of the first documents; nil before there are any.
    public private(set) var mean: Double?

    /// A power whose mean is still to be found, or was agreed on before.
    public init(power: Double, mean: Double? = nil) { (self.power, self.mean) = (power, mean) }

    /// What this becomes when a mean is known; what has one keeps it.
    func with(mean: Double) -> VectorNorms {
        var norms = self
        norms.mean = self.mean ?? mean
        return norms
    }

    /// The L2 norm of a vector.
    /// - Complexity: O(n) for n weights.
    static func norm(_ weights: [Float]) -> Double {
        weights.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    /// The weights of a document as they are indexed; as given before there is a mean, and where all are 0.
    /// - Complexity: O(n) for n weights.
    func callAsFunction(_ weights: [Float]) -> [Float] {
        let norm = Self.norm(weights)
        guard let mean, norm > 0 else { return weights }
        let factor = min(Float(pow(mean / norm, power)), .greatestFiniteMagnitude)
        return weights.map { $0 * factor }
    }

    /// Whether this can be true of an index.
    var isSound: Bool {
        Self.powers.contains(power) && mean.map { $0 > 0 && $0.isFinite } ?? true
    }
}
