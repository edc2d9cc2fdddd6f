import CApusKernels

/// Encoders and decoders with rotary positions and gated feed-forward layers.
///
/// ``RotarySettings`` says where they are normalised, how, and what each token sees.
struct RotaryLayers: Sendable {
    let configuration: ModelConfiguration
    let settings: RotarySettings
    let weights: RotaryWeights

    /// Leaves the hidden states in `workspace.hidden`.
    /// - Returns: The rows of the batch.
    func run(_ texts: [[Int32]], _ steps: LayerPrimitives) -> Int {
        let workspace = steps.workspace
        let rows = embed(texts, steps)
        guard rows > 0 else { return 0 }
        let (stride, hidden, output) = unsafe (workspace.stride, workspace.hidden.pointer, workspace.output.pointer)
        let normalisesAfter = settings.normalisesAfter
        for (index, layer) in weights.layers.enumerated() {
            var input = unsafe hidden
            if !normalisesAfter, let norm = layer.attentionNorm {
                unsafe normalise(hidden, rows, norm, to: output, steps)
                unsafe input = unsafe output
            }
            unsafe steps.apply(layer.projection, input, stride, rows, to: workspace.projection.pointer)
            attend(texts, layer, settings.layers[index], steps)
            unsafe steps.apply(
                layer.attentionOutput, workspace.context.pointer, workspace.contextStride, rows, to: output)
            unsafe apus_add_rows(steps.level.rawValue, hidden, stride, output, stride, rows, configuration.hiddenSize)
            if normalisesAfter, let norm = layer.attentionNorm {
                unsafe normalise(hidden, rows, norm, to: hidden, steps)
            }

            if !normalisesAfter { unsafe normalise(hidden, rows, layer.innerNorm, to: output, steps) }
            unsafe feedForward(layer, normalisesAfter ? hidden : output, rows, steps)
            unsafe apus_add_rows(steps.level.rawValue, hidden, stride, output, stride, rows, configuration.hiddenSize)
            if normalisesAfter { unsafe normalise(hidden, rows, layer.innerNorm, to: hidden, steps) }
        }
        if let norm = weights.finalNorm { unsafe normalise(hidden, rows, norm, to: hidden, steps) }
        return rows
    }

    private func embed(_ texts: [[Int32]], _ steps: LayerPrimitives) -> Int {
        let workspace = steps.workspace
        var row = 0
        for (text, ids) in texts.enumerated() {
            for id in ids {
                let target = unsafe workspace.hidden.pointer + row * workspace.stride
                unsafe weights.words.copyRow(Int(id), to: target)
                if let type = weights.typeZero {
                    for k in 0..<configuration.hiddenSize { unsafe target[k] += type.pointer[k] }
                }
                unsafe workspace.textOfRow.pointer[row] = UInt32(text)
                row += 1
            }
        }
        let hidden = unsafe workspace.hidden.pointer
        if let norm = weights.embeddingNorm { unsafe normalise(hidden, row, norm, to: hidden, steps) }
        return row
    }

    private func normalise(
        _ x: UnsafeMutablePointer<Float>, _ rows: Int, _ norm: RotaryNorm, to y: UnsafeMutablePointer<Float>,
        _ steps: LayerPrimitives
    ) {
        let stride = steps.workspace.stride
        switch norm {
        case .layer(let norm): unsafe steps.normalise(x, residual: nil, rows, norm, to: y)
        case .rootMeanSquare(let gamma):
            unsafe apus_rms_norm(
                steps.level.rawValue, x, stride, rows, configuration.hiddenSize, gamma.pointer,
                configuration.normEpsilon, y, stride)
        }
    }

    private func attend(
        _ texts: [[Int32]], _ layer: RotaryLayer, _ view: RotarySettings.Layer, _ steps: LayerPrimitives
    ) {
        let workspace = steps.workspace
        let (stride, size, heads, keyHeads) = (
            layer.projection.columns, settings.headSize, configuration.heads, settings.keyHeads
        )
        var row = 0
        for ids in texts where !ids.isEmpty {
            let queries = unsafe workspace.projection.pointer + row * stride
            let keys = unsafe queries + heads * size
            for (place, norm, count) in [(0, layer.queryNorm, heads), (heads * size, layer.keyNorm, keyHeads)] {
                let part = unsafe queries + place
                if let norm {
                    // Each head of a token is a row of its own.
                    for token in 0..<ids.count {
                        let start = unsafe part + token * stride
                        unsafe apus_rms_norm(
                            steps.level.rawValue, start, size, count, size, norm.pointer, configuration.normEpsilon,
                            start, size)
                    }
                }
                unsafe apus_rotate(
                    steps.level.rawValue, part, stride, ids.count, count, size, layer.angles.cosines.pointer,
                    layer.angles.sines.pointer)
            }
            unsafe apus_window_attention(
                steps.level.rawValue, steps.isRounded ? 1 : 0, queries, keys, keys + keyHeads * size, stride, ids.count,
                heads,
                keyHeads, size, view.before, view.after, workspace.context.pointer + row * workspace.contextStride,
                workspace.contextStride,
                workspace.scratch.pointer)
            row += ids.count
        }
    }

    /// `output = down(activation(gate) · value)`.
    private func feedForward(
        _ layer: RotaryLayer, _ input: UnsafeMutablePointer<Float>, _ rows: Int, _ steps: LayerPrimitives
    ) {
        let workspace = steps.workspace
        let (inner, width, stride) = unsafe (workspace.inner.pointer, configuration.intermediateSize, layer.up.columns)
        unsafe steps.apply(layer.up, input, workspace.stride, rows, to: inner)
        let valueComesFirst = settings.valueComesFirst
        unsafe apus_gate(
            steps.level.rawValue, inner, stride, rows, width, valueComesFirst ? width : 0, valueComesFirst ? 0 : width,
            settings.gate.kernel)
        unsafe steps.apply(layer.down, inner, stride, rows, to: workspace.output.pointer)
    }
}

extension RotarySettings.Gate {
    /// The kernel's code.
    fileprivate var kernel: Int32 {
        switch self {
        case .gelu: Int32(APUS_GATE_GELU)
        case .geluTanh, .geluNew: Int32(APUS_GATE_GELU_TANH)
        case .relu: Int32(APUS_GATE_RELU)
        case .silu: Int32(APUS_GATE_SILU)
        }
    }
}
