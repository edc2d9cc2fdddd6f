import CApusKernels

/// The steps that all kinds of layers are made of, over a worker's buffers.
struct LayerPrimitives {
    let level: KernelLevel
    /// Whether attention may round its numbers as the linear layers round theirs.
    let isRounded: Bool
    let workspace: Workspace
    let width: Int
    let epsilon: Float

    /// The left side of a product, quantised where the layer asks for it.
    func input(_ x: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ linear: PackedLinear) -> apus_rows {
        let quantisedStride = Workspace.quantisedStride(linear.quantisedBytes)
        unsafe linear.quantise(
            x, stride: stride, rows: rows, to: workspace.quantised.pointer, stride: quantisedStride,
            scales: workspace.quantisedScales.pointer, zeros: workspace.quantisedZeros.pointer)
        return unsafe apus_rows(
            values: x, stride: stride, quantised: workspace.quantised.pointer, quantised_stride: quantisedStride,
            scales: workspace.quantisedScales.pointer, zeros: workspace.quantisedZeros.pointer, rows: rows)
    }

    /// `y[rows, columns] = activation(x · w + bias)`.
    func apply(
        _ linear: PackedLinear, _ x: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int,
        to y: UnsafeMutablePointer<Float>, activation: Int = Int(APUS_ACTIVATION_NONE)
    ) {
        unsafe linear.apply(input(x, stride, rows, linear), activation: activation, to: y, stride: linear.columns)
    }

    /// `y = norm(x + residual)`, all with the workspace's stride.
    func normalise(
        _ x: UnsafePointer<Float>, residual: UnsafePointer<Float>?, _ rows: Int, _ norm: LayerNorm,
        to y: UnsafeMutablePointer<Float>
    ) {
        unsafe apus_layer_norm(
            level.rawValue, x, residual, workspace.stride, rows, width, norm.gamma.pointer, norm.beta.pointer, epsilon,
            y)
    }
}

extension ModelConfiguration.Activation {
    /// The kernel's code.
    var kernel: Int {
        switch self {
        case .gelu: Int(APUS_ACTIVATION_GELU)
        case .geluTanh: Int(APUS_ACTIVATION_GELU_TANH)
        case .relu: Int(APUS_ACTIVATION_RELU)
        }
    }
}
