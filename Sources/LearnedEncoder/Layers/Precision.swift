import CApusKernels

/// The arithmetic of the encoder's matrix products.
public enum Precision: String, Sendable, CaseIterable, Codable {
    /// int8 when the checkpoint is stored so and this CPU has the instructions for it, otherwise f32.
    case automatic
    /// 32-bit floating point.
    case f32
    /// 16-bit weights (the upper half of f32), 32-bit sums; activations are rounded likewise where the CPU multiplies bf16.
    case bf16
    /// 8-bit weights with a scale per output row, 8-bit activations with a scale per token, 32-bit sums.
    case int8
}

extension Precision {
    /// The arithmetic for a checkpoint, never ``automatic``.
    func resolved(isPacked: Bool, level: KernelLevel) -> Precision {
        self != .automatic ? self : isPacked && level >= .avx2 ? .int8 : .f32
    }

    /// Bytes of a packed row of `depth` weights in one column.
    func packedBytes(depth: Int) -> Int {
        switch self {
        case .int8: (depth + 3) / 4 * 4
        case .bf16: (depth + 1) / 2 * 4
        case .f32, .automatic: depth * 4
        }
    }

    /// The kernels' element type.
    var elementType: Int {
        switch self {
        case .int8: APUS_S8
        case .bf16: APUS_BF16
        case .f32, .automatic: APUS_F32
        }
    }
}
