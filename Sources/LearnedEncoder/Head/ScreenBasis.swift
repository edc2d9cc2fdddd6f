import CApusKernels

/// The coordinates in which a few numbers say nearly all that a language head multiplies: those of the singular value
/// decomposition of C_h^½ C_w^½, the covariance of its inputs and the second moment of its weights.
///
///     h' = R (h − μ),   w' = R⁻ᵀ w,   h · w = h' · w' + μ · w
///
/// Any invertible R gives right results; one that fits the texts gives fast ones. Low rank in the metric of the inputs: Chen et
/// al., "DRONE", 2021; what the rank leaves out is bounded here, see `head_screen.h`.
struct ScreenBasis: Sendable {
    /// μ, `[depth]`.
    let mean: [Double]
    /// R by rows, `[depth, depth]`, the weightiest coordinates first.
    let rotation: [Double]
    /// Of the coordinates of h', `[depth]`.
    let variances: [Float]

    /// - Parameters:
    ///   - inputs: Of the head.
    ///   - decoder: Its int8 layer.
    /// - Returns: nil where the inputs do not allow it.
    /// - Complexity: O((inputs + terms) · depth² + depth³).
    init?(_ inputs: ScreenInputs, _ decoder: PackedLinear) {
        let depth = inputs.depth
        guard inputs.rows > depth else { return nil }
        var mean = [Double](repeating: 0, count: depth)
        var covariance = [Double](repeating: 0, count: depth * depth)
        var moment = covariance
        unsafe apus_screen_covariance(
            inputs.bytes, inputs.scales, inputs.zeros, inputs.rows, depth, &mean, &covariance)
        unsafe decoder.withView { unsafe apus_screen_moment($0, decoder.outputs, &moment) }
        // Directions that the inputs hardly have count as narrow, not as absent.
        guard let own = Self.eigen(covariance, depth), let widest = own.values.last, widest > 0 else { return nil }
        let spread = own.values.map { max($0, widest * 1e-7) }
        let root = Self.product(own.vectors, spread.map { $0.squareRoot() }, depth)
        let inverseRoot = Self.product(own.vectors, spread.map { 1 / $0.squareRoot() }, depth)
        let joined = Self.multiply(Self.multiply(root, moment, depth), root, depth)
        guard let left = Self.eigen(joined, depth), let largest = left.values.last, largest > 0 else { return nil }
        let singular = left.values.map { max($0, largest * 1e-14).squareRoot() }
        // Row k of R is √σ_k · C_h^-½ u_k: both sides get the same spread, σ_k.
        let turned = Self.multiply(inverseRoot, left.vectors, depth)
        var rotation = [Double](repeating: 0, count: depth * depth)
        for k in 0..<depth {
            let column = depth - 1 - k
            let scale = singular[column].squareRoot()
            for j in 0..<depth { rotation[k * depth + j] = turned[j * depth + column] * scale }
        }
        guard rotation.allSatisfy(\.isFinite) else { return nil }
        (self.mean, self.rotation) = (mean, rotation)
        variances = singular.reversed().map { Float($0) }
    }

    init(mean: [Double], rotation: [Double], variances: [Float]) {
        (self.mean, self.rotation, self.variances) = (mean, rotation, variances)
    }

    /// The eigenvectors by columns and the eigenvalues, ascending.
    private static func eigen(_ matrix: [Double], _ depth: Int) -> (vectors: [Double], values: [Double])? {
        var (vectors, values) = (matrix, [Double](repeating: 0, count: depth))
        var scratch = values
        guard unsafe apus_symmetric_eigen(&vectors, depth, &values, &scratch) != 0 else { return nil }
        return (vectors, values)
    }

    /// V diag(values) Vᵀ.
    private static func product(_ vectors: [Double], _ values: [Double], _ depth: Int) -> [Double] {
        var (scaled, turned) = (vectors, vectors)
        for i in 0..<depth {
            for j in 0..<depth {
                scaled[i * depth + j] *= values[j]
                turned[j * depth + i] = vectors[i * depth + j]
            }
        }
        return multiply(scaled, turned, depth)
    }

    private static func multiply(_ a: [Double], _ b: [Double], _ depth: Int) -> [Double] {
        var out = [Double](repeating: 0, count: depth * depth)
        unsafe apus_multiply(a, b, depth, &out)
        return out
    }
}
