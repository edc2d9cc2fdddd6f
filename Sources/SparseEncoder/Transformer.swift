import CApusKernels
import Glibc

/// A BERT-like encoder with its masked-language-model head and SPLADE pooling, for batches of texts laid end to end.
///
///     w[j] = log1p(relu(max over i of z[i, j]))        z = E · LayerNorm(act(W h + b)) + c
///
/// Source: Formal et al., "SPLADE v2", 2021, eq. 1 with max pooling ([arXiv:2109.10086](https://arxiv.org/abs/2109.10086));
/// SPLADE v1 sums the activated logits instead. No text is padded: linear layers see all tokens of the batch as rows,
/// attention sees each text at its own length, and the head keeps only a running maximum per term.
struct Transformer: Sendable {
    let configuration: ModelConfiguration
    let weights: TransformerWeights
    let level: KernelLevel
    let isInt8: Bool

    /// Encodes texts of at most `workspace.tokens` tokens and `workspace.texts` texts in total; ids below the vocabulary size.
    func encode(_ texts: [[Int32]], _ workspace: Workspace) -> [(terms: [UInt32], weights: [Float])] {
        precondition(texts.reduce(0) { $0 + $1.count } <= workspace.tokens && texts.count <= workspace.texts)
        let rows = embed(texts, workspace)
        guard rows > 0 else { return texts.map { _ in ([], []) } }
        let configuration = self.configuration
        let (stride, hidden, output) = (workspace.stride, workspace.hidden.pointer, workspace.output.pointer)
        let activation = configuration.activation.kernel
        for layer in weights.layers {
            apply(layer.projection, hidden, stride, rows, to: workspace.projection.pointer, workspace)
            attend(texts, stride: layer.projection.columns, workspace)
            apply(layer.attentionOutput, workspace.context.pointer, stride, rows, to: output, workspace)
            normalise(output, residual: hidden, rows, layer.attentionNorm, to: hidden, workspace)
            apply(layer.up, hidden, stride, rows, to: workspace.inner.pointer, workspace, activation: activation)
            apply(layer.down, workspace.inner.pointer, layer.up.columns, rows, to: output, workspace)
            normalise(output, residual: hidden, rows, layer.outputNorm, to: hidden, workspace)
        }
        apply(weights.headTransform, hidden, stride, rows, to: output, workspace, activation: activation)
        normalise(output, residual: nil, rows, weights.headNorm, to: output, workspace)
        return pool(texts.count, input(output, stride, rows, weights.decoder, workspace), workspace)
    }

    /// Word, position and token type 0, normalised.
    /// - Returns: The rows of the batch.
    private func embed(_ texts: [[Int32]], _ workspace: Workspace) -> Int {
        let width = configuration.hiddenSize
        var row = 0
        for (text, ids) in texts.enumerated() {
            for (position, id) in ids.enumerated() {
                let target = workspace.hidden.pointer + row * workspace.stride
                weights.words.copyRow(Int(id), to: target)
                let offset = weights.positions.pointer + position * width
                for k in 0..<width { target[k] += offset[k] }
                workspace.textOfRow.pointer[row] = UInt32(text)
                row += 1
            }
        }
        normalise(
            workspace.hidden.pointer, residual: nil, row, weights.embeddingNorm, to: workspace.hidden.pointer, workspace
        )
        return row
    }

    private func attend(_ texts: [[Int32]], stride: Int, _ workspace: Workspace) {
        let headSize = configuration.hiddenSize / configuration.heads
        var row = 0
        for ids in texts where !ids.isEmpty {
            apus_attention(
                level.rawValue, workspace.projection.pointer + row * stride, stride, ids.count, configuration.heads,
                headSize, workspace.context.pointer + row * workspace.stride, workspace.stride,
                workspace.scratch.pointer)
            row += ids.count
        }
    }

    private func pool(_ texts: Int, _ input: apus_rows, _ workspace: Workspace) -> [(
        terms: [UInt32], weights: [Float]
    )] {
        let decoder = weights.decoder
        let pooled = workspace.pooled.pointer
        let isMax = configuration.pooling == .max
        pooled.update(repeating: isMax ? -.infinity : 0, count: texts * decoder.columns)
        if isMax {
            decoder.applyMax(input, texts: workspace.textOfRow.pointer, to: pooled)
        } else {
            decoder.applySum(
                input, texts: workspace.textOfRow.pointer, logarithms: configuration.logarithms, to: pooled)
        }
        return (0..<texts).map { text in
            collect(pooled + text * decoder.columns, isMax ? decoder.bias.pointer : nil)
        }
    }

    /// The terms with a positive weight. The logarithm is monotone, so after max pooling it is taken once per term.
    private func collect(_ pooled: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?) -> (
        terms: [UInt32], weights: [Float]
    ) {
        let capacity = Int(apus_list_positive(pooled, bias, configuration.vocabularySize, nil))
        let terms = [UInt32](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = Int(apus_list_positive(pooled, bias, configuration.vocabularySize, buffer.baseAddress))
        }
        let values = terms.map { term in
            var weight = pooled[Int(term)]
            if let bias {
                weight += bias[Int(term)]
                for _ in 0..<configuration.logarithms { weight = log1pf(weight) }
            }
            return weight
        }
        return (terms, values)
    }

    private func input(
        _ x: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ linear: PackedLinear, _ workspace: Workspace
    ) -> apus_rows {
        let quantisedStride = Workspace.quantisedStride(linear.quantisedDepth)
        linear.quantise(
            x, stride: stride, rows: rows, to: workspace.quantised.pointer, stride: quantisedStride,
            scales: workspace.quantisedScales.pointer, zeros: workspace.quantisedZeros.pointer)
        return apus_rows(
            values: x, stride: stride, quantised: workspace.quantised.pointer, quantised_stride: quantisedStride,
            scales: workspace.quantisedScales.pointer, zeros: workspace.quantisedZeros.pointer, rows: rows)
    }

    private func apply(
        _ linear: PackedLinear, _ x: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int,
        to y: UnsafeMutablePointer<Float>, _ workspace: Workspace, activation: Int = Int(APUS_ACTIVATION_NONE)
    ) {
        linear.apply(
            input(x, stride, rows, linear, workspace), activation: activation, to: y, stride: linear.columns)
    }

    private func normalise(
        _ x: UnsafePointer<Float>, residual: UnsafePointer<Float>?, _ rows: Int, _ norm: LayerNorm,
        to y: UnsafeMutablePointer<Float>, _ workspace: Workspace
    ) {
        apus_layer_norm(
            level.rawValue, x, residual, workspace.stride, rows, configuration.hiddenSize, norm.gamma.pointer,
            norm.beta.pointer, configuration.normEpsilon, y)
    }
}

extension ModelConfiguration.Activation {
    /// The kernel's code.
    fileprivate var kernel: Int {
        switch self {
        case .gelu: Int(APUS_ACTIVATION_GELU)
        case .geluTanh: Int(APUS_ACTIVATION_GELU_TANH)
        case .relu: Int(APUS_ACTIVATION_RELU)
        }
    }
}
