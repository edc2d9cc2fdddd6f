import CApusKernels
import Glibc

/// One weight per token of the text; a term takes the largest, or the sum, of its tokens' weights.
///
///     w[t] = max over i with id[i] = t of relu(W₂ relu(W₁ h[i] + b₁) + b₂)
///
/// Sources: uniCOIL (Lin and Ma, 2021, [arXiv:2106.14807](https://arxiv.org/abs/2106.14807)) with one layer, DeepImpact
/// (Mallia et al., 2021, [arXiv:2104.12016](https://arxiv.org/abs/2104.12016)) with two, BGE-M3, and the MLP of Nguyen et al.,
/// "A Unified Framework for Learned Sparse Retrieval", 2023 ([arXiv:2303.13416](https://arxiv.org/abs/2303.13416)), which
/// takes log1p of the ReLU.
struct TokenWeightHead: Sendable {
    let layers: [PackedLinear]

    /// - Parameter names: The linear layers; "" for a file with nothing else.
    /// - Throws: ``EncoderError``, naming the tensor that is missing, misshapen or not finite.
    init(_ checkpoint: Checkpoint, names: [String], hidden: Int) throws(EncoderError) {
        // A handful of rows: f32 costs nothing here.
        let loader = LayerLoader(checkpoint: checkpoint, precision: .f32)
        var layers: [PackedLinear] = []
        for (index, name) in names.enumerated() {
            let outputs = index == names.count - 1 ? 1 : hidden
            let stem = name.isEmpty ? "" : name + "."
            layers.append(try loader.linear(stem: stem, outputs, from: hidden))
        }
        self.layers = layers
    }

    /// The weights of the first `rows` rows of `workspace.hidden`.
    func weights(_ rows: Int, logarithms: Int, _ steps: LayerPrimitives) -> [Float] {
        let workspace = steps.workspace
        var (input, stride) = unsafe (workspace.hidden.pointer, workspace.stride)
        for (index, layer) in layers.enumerated() {
            let output = unsafe index % 2 == 0 ? workspace.output.pointer : workspace.context.pointer
            unsafe steps.apply(layer, input, stride, rows, to: output, activation: Int(APUS_ACTIVATION_RELU))
            unsafe (input, stride) = unsafe (output, layer.columns)
        }
        return (0..<rows).map { row in
            var weight = unsafe max(0, input[row * stride])
            for _ in 0..<logarithms { weight = log1pf(weight) }
            return weight
        }
    }

    /// Adds the weights of one text up by term.
    static func pool(_ ids: ArraySlice<Int32>, _ weights: ArraySlice<Float>, _ pooling: Pooling) -> (
        terms: [UInt32], weights: [Float]
    ) {
        var table: [UInt32: Float] = [:]
        for (id, weight) in zip(ids, weights) where weight > 0 {
            let old = table[UInt32(id)] ?? 0
            table[UInt32(id)] = pooling == .max ? max(old, weight) : old + weight
        }
        let terms = table.keys.sorted()
        return (terms, terms.map { table[$0] ?? 0 })
    }
}

extension LayerLoader {
    /// A layer whose tensors are `stem + "weight"` and, maybe, `stem + "bias"`.
    fileprivate func linear(stem: String, _ outputs: Int, from inputs: Int) throws(EncoderError) -> PackedLinear {
        let bias = stem + "bias"
        return try PackedLinear(
            [
                (
                    try checkpoint.matrix(stem + "weight", rows: outputs, columns: inputs),
                    checkpoint.has(bias) ? try checkpoint.vector(bias, count: outputs) : nil
                )
            ], precision: .f32, level: checkpoint.level)
    }
}
