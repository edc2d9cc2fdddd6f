/// The one order of weighted terms: the largest weight first, equal weights by term.
public enum HeaviestFirst {
    /// The places of the terms in that order.
    /// - Parameter terms: As many as `weights`, each once.
    /// - Complexity: O(n log n) for n terms.
    public static func places<Weight: Comparable, Term: Comparable>(_ weights: [Weight], _ terms: [Term]) -> [Int] {
        weights.indices.sorted { (weights[$0], terms[$1]) > (weights[$1], terms[$0]) }
    }
}
