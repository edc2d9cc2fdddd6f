import CApusKernels

/// An encoder with positions from a table, each layer normalised after its residual, as BERT.
///
/// Source: Devlin et al., "BERT", 2019 ([arXiv:1810.04805](https://arxiv.org/abs/1810.04805)). No text is padded: linear
/// layers see all tokens of the batch as rows, attention sees each text at its own length.
struct AbsoluteLayers: Sendable {
    let configuration: ModelConfiguration
    let weights: AbsoluteWeights

    /// Leaves the hidden states in `workspace.hidden`.
    /// - Returns: The rows of the batch.
    func run(_ texts: [[Int32]], _ steps: LayerPrimitives) -> Int {
        let workspace = steps.workspace
        let rows = embed(texts, steps)
        guard rows > 0 else { return 0 }
        let (stride, hidden, output) = unsafe (workspace.stride, workspace.hidden.pointer, workspace.output.pointer)
        let activation = configuration.activation.kernel
        for layer in weights.layers {
            unsafe steps.apply(layer.projection, hidden, stride, rows, to: workspace.projection.pointer)
            attend(texts, stride: layer.projection.columns, steps)
            unsafe steps.apply(
                layer.attentionOutput, workspace.context.pointer, workspace.contextStride, rows, to: output)
            unsafe steps.normalise(output, residual: hidden, rows, layer.attentionNorm, to: hidden)
            unsafe steps.apply(layer.up, hidden, stride, rows, to: workspace.inner.pointer, activation: activation)
            unsafe steps.apply(layer.down, workspace.inner.pointer, layer.up.columns, rows, to: output)
            unsafe steps.normalise(output, residual: hidden, rows, layer.innerNorm, to: hidden)
        }
        return rows
    }

    /// Word, position and token type 0, normalised.
    private func embed(_ texts: [[Int32]], _ steps: LayerPrimitives) -> Int {
        let (width, workspace) = (configuration.hiddenSize, steps.workspace)
        let firstPosition = weights.paddingID < 0 ? 0 : 1
        var row = 0
        for (text, ids) in texts.enumerated() {
            var position = firstPosition
            for id in ids {
                let target = unsafe workspace.hidden.pointer + row * workspace.stride
                unsafe weights.words.copyRow(Int(id), to: target)
                let isPadding = id == weights.paddingID
                let offset = unsafe weights.positions.pointer + (isPadding ? 0 : position) * width
                for k in 0..<width { unsafe target[k] += offset[k] }
                unsafe workspace.textOfRow.pointer[row] = UInt32(text)
                row += 1
                if !isPadding { position += 1 }
            }
        }
        let hidden = unsafe workspace.hidden.pointer
        unsafe steps.normalise(hidden, residual: nil, row, weights.embeddingNorm, to: hidden)
        return row
    }

    private func attend(_ texts: [[Int32]], stride: Int, _ steps: LayerPrimitives) {
        let workspace = steps.workspace
        var row = 0
        for ids in texts where !ids.isEmpty {
            unsafe apus_attention(
                steps.level.rawValue, steps.isRounded ? 1 : 0, workspace.projection.pointer + row * stride, stride,
                ids.count,
                configuration.heads, configuration.headSize,
                workspace.context.pointer + row * workspace.contextStride, workspace.contextStride,
                workspace.scratch.pointer)
            row += ids.count
        }
    }
}
