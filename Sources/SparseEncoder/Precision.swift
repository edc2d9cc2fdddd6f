/// The arithmetic of the encoder's matrix products.
public enum Precision: String, Sendable, CaseIterable, Codable {
    /// int8 when the checkpoint is stored so and this CPU has the instructions for it, otherwise f32.
    case automatic
    /// 32-bit floating point.
    case f32
    /// 8-bit weights with a scale per output row, 8-bit activations with a scale per token, 32-bit sums.
    case int8
}
