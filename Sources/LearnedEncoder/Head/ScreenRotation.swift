import CApusKernels

/// The rotation of a screen as an int8 layer: what its rounded weights say is R, so rounding them costs nothing.
final class ScreenRotation: Sendable {
    let depth: Int
    /// Outputs, padded to whole panels.
    let columns: Int
    let panels: AlignedBuffer<Int8>
    let bias: AlignedBuffer<Float>
    let scales: AlignedBuffer<Float>
    let sums: AlignedBuffer<Float>

    /// What the rows of a screen are made with.
    struct Making {
        /// μ, `[depth]`.
        let mean: AlignedBuffer<Float>
        /// R⁻¹, `[depth, depth]`.
        let inverse: AlignedBuffer<Double>
        /// ‖Σ_j |R_kj|‖ over k, and ‖R μ‖: what rounding errors grow with.
        let sizes: (rows: Double, bias: Double)
    }

    /// One that was made before.
    init(
        depth: Int, panels: AlignedBuffer<Int8>, bias: AlignedBuffer<Float>, scales: AlignedBuffer<Float>,
        sums: AlignedBuffer<Float>
    ) {
        (self.depth, columns) = (depth, bias.count)
        (self.panels, self.bias, self.scales, self.sums) = (panels, bias, scales, sums)
    }

    /// - Parameter rank: Coordinates of which sixteen at even distances stand next to each other, because their sums share 16 bits.
    /// - Returns: nil where the rounded weights have no inverse.
    static func make(_ basis: ScreenBasis, rank: Int, level: KernelLevel) -> (ScreenRotation, Making)? {
        let width = Int(APUS_PANEL)
        let depth = basis.mean.count
        let columns = PackedLinear.columns(depth)
        let panels = AlignedBuffer<Int8>(count: columns * depth)
        let (bias, scales, sums) = (
            AlignedBuffer<Float>(count: columns), AlignedBuffer<Float>(count: columns),
            AlignedBuffer<Float>(count: columns)
        )
        let mean = AlignedBuffer(basis.mean.map { Float($0) })
        let inverse = AlignedBuffer<Double>(count: depth * depth)
        let bytes = AlignedBuffer<Int8>(count: width * depth)
        let rowSums = AlignedBuffer<Int32>(count: width)
        defer { withExtendedLifetime((bytes, rowSums)) {} }
        var (squares, shifts) = (0.0, 0.0)
        for first in stride(from: 0, to: depth, by: width) {
            let rows = min(width, depth - first)
            for row in 0..<rows {
                let place = first + row
                let source = place < rank ? place % 16 * (rank / 16) + place / 16 : place
                let weights = (0..<depth).map { Float(basis.rotation[source * depth + $0]) }
                let target = unsafe bytes.pointer + row * depth
                let scale = unsafe apus_quantise_weights(weights, depth, Int32(level.pairLimit ?? 254), target)
                unsafe scales.pointer[place] = scale
                var (size, shift) = (0.0, 0.0)
                for k in 0..<depth {
                    let weight = unsafe Double(target[k]) * Double(scale)
                    unsafe inverse.pointer[place * depth + k] = weight
                    size += abs(weight)
                    unsafe shift += weight * Double(mean.pointer[k])
                }
                unsafe bias.pointer[place] = Float(-shift)
                squares += size * size
                shifts += shift * shift
            }
            unsafe apus_pack_panel_s8(bytes.pointer, rows, depth, panels.pointer + first * depth, rowSums.pointer)
            for row in 0..<rows {
                unsafe sums.pointer[first + row] = unsafe scales.pointer[first + row] * Float(rowSums.pointer[row])
            }
        }
        guard squares.isFinite, shifts.isFinite, unsafe apus_invert(inverse.pointer, depth) != 0 else { return nil }
        return (
            ScreenRotation(depth: depth, panels: panels, bias: bias, scales: scales, sums: sums),
            Making(mean: mean, inverse: inverse, sizes: (squares.squareRoot(), shifts.squareRoot()))
        )
    }

    /// The C view; valid while this object lives.
    var view: apus_linear {
        unsafe apus_linear(
            panels: panels.pointer, bias: bias.pointer, scales: scales.pointer, sums: sums.pointer, depth: depth,
            columns: columns, type: Int32(APUS_S8))
    }

    /// h' of inputs, `[rows, columns]`.
    func turned(_ inputs: ScreenInputs, _ rows: Range<Int>, level: KernelLevel) -> [Float] {
        unsafe [Float](unsafeUninitializedCapacity: rows.count * columns) { buffer, count in
            count = rows.count * columns
            guard let base = buffer.baseAddress else { return }
            unsafe inputs.withRows(rows) { batch in
                var (view, batch) = unsafe (view, batch)
                unsafe apus_linear_apply(level.rawValue, &view, &batch, Int32(APUS_ACTIVATION_NONE), base, columns)
            }
        }
    }
}
