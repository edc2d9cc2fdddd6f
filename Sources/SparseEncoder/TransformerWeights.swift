import CApusKernels

/// Scale and shift of a layer normalisation, each `[width]`.
struct LayerNorm: Sendable {
    let gamma: AlignedBuffer<Float>
    let beta: AlignedBuffer<Float>
}

/// The weights of one encoder layer.
struct TransformerLayer: Sendable {
    /// Query, key and value side by side, `[3 × hidden, hidden]`.
    let projection: PackedLinear
    let attentionOutput: PackedLinear
    let attentionNorm: LayerNorm
    let up: PackedLinear
    let down: PackedLinear
    let outputNorm: LayerNorm
}

/// All weights of a BERT-like masked language model, packed for the kernels.
struct TransformerWeights: Sendable {
    let words: StoredMatrix
    /// Position plus token type 0, `[positions, hidden]`.
    let positions: AlignedBuffer<Float>
    let embeddingNorm: LayerNorm
    let layers: [TransformerLayer]
    let headTransform: PackedLinear
    let headNorm: LayerNorm
    let decoder: PackedLinear
    /// Bytes of the longest quantised row.
    let quantisedDepth: Int

    /// Reads, checks and packs the tensors.
    /// - Throws: ``EncoderError``, naming the tensor that is missing, misshapen or not finite.
    init(_ checkpoint: Checkpoint, _ configuration: ModelConfiguration, isInt8: Bool) throws(EncoderError) {
        let names = ParameterNames(configuration.architecture)
        let hidden = configuration.hiddenSize
        let loader = Loader(checkpoint: checkpoint, isInt8: isInt8)

        words = try checkpoint.matrix(names.words, rows: configuration.vocabularySize, columns: hidden)
        positions = try loader.positions(names, configuration)
        embeddingNorm = try loader.norm(names.embeddingNorm, hidden)
        var layers: [TransformerLayer] = []
        for index in 0..<configuration.layers {
            let prefix = names.layer(index)
            let inner = configuration.intermediateSize
            layers.append(
                TransformerLayer(
                    projection: try loader.linear(
                        [prefix + names.query, prefix + names.key, prefix + names.value], hidden, from: hidden),
                    attentionOutput: try loader.linear([prefix + names.attentionOutput], hidden, from: hidden),
                    attentionNorm: try loader.norm(prefix + names.attentionNorm, hidden),
                    up: try loader.linear([prefix + names.up], inner, from: hidden),
                    down: try loader.linear([prefix + names.down], hidden, from: inner),
                    outputNorm: try loader.norm(prefix + names.outputNorm, hidden)))
            checkpoint.file.releasePages()
        }
        self.layers = layers
        headTransform = try loader.linear([names.headTransform], hidden, from: hidden)
        headNorm = try loader.norm(names.headNorm, hidden)

        // transformers ties the decoder to the word embeddings unless the configuration says otherwise, whatever is stored.
        let matrix =
            configuration.isTied
            ? words
            : try checkpoint.matrix(names.decoderWeight, rows: configuration.vocabularySize, columns: hidden)
        let bias = !configuration.isTied && checkpoint.has(names.ownBias) ? names.ownBias : names.tiedBias
        decoder = try PackedLinear(
            [(matrix, try checkpoint.vector(bias, count: configuration.vocabularySize))], isInt8: isInt8,
            level: checkpoint.level)
        quantisedDepth =
            ([headTransform, decoder] + layers.flatMap { [$0.projection, $0.attentionOutput, $0.up, $0.down] })
            .reduce(0) { max($0, $1.quantisedDepth) }
        if !configuration.isTied { try loader.checkFinite(words) }
    }
}

private struct Loader {
    let checkpoint: Checkpoint
    let isInt8: Bool

    func linear(_ names: [String], _ outputs: Int, from inputs: Int) throws(EncoderError) -> PackedLinear {
        var parts: [(matrix: StoredMatrix, bias: AlignedBuffer<Float>?)] = []
        for name in names {
            parts.append(
                (
                    try checkpoint.matrix(name + ".weight", rows: outputs, columns: inputs),
                    try checkpoint.vector(name + ".bias", count: outputs)
                ))
        }
        return try PackedLinear(
            parts, copies: try checkpoint.copies(names[0], inputs: inputs), isInt8: isInt8, level: checkpoint.level)
    }

    /// Checkpoints converted from TensorFlow name the two vectors gamma and beta.
    func norm(_ name: String, _ width: Int) throws(EncoderError) -> LayerNorm {
        let old = !checkpoint.has(name + ".weight") && checkpoint.has(name + ".gamma")
        return LayerNorm(
            gamma: try checkpoint.vector(name + (old ? ".gamma" : ".weight"), count: width),
            beta: try checkpoint.vector(name + (old ? ".beta" : ".bias"), count: width))
    }

    func positions(_ names: ParameterNames, _ configuration: ModelConfiguration) throws(EncoderError)
        -> AlignedBuffer<Float>
    {
        let hidden = configuration.hiddenSize
        let stored = try checkpoint.matrix(names.positions, rows: configuration.positions, columns: hidden)
        let table = AlignedBuffer<Float>(count: stored.rows * hidden)
        let typeZero = AlignedBuffer<Float>(count: hidden)
        defer { withExtendedLifetime((table, typeZero)) {} }
        if let name = names.tokenTypes {
            let types = checkpoint.file.tensors[name]?.shape.first ?? 2
            let matrix = try checkpoint.matrix(name, rows: types, columns: hidden)
            guard types > 0 else { throw .storage(.missingTensor(path: checkpoint.path, name: name)) }
            matrix.copyRow(0, to: typeZero.pointer)
        }
        for row in 0..<stored.rows {
            let target = table.pointer + row * hidden
            stored.copyRow(row, to: target)
            for k in 0..<hidden { target[k] += typeZero.pointer[k] }
        }
        guard apus_all_finite(table.pointer, table.count) != 0 else {
            throw .notFinite(path: checkpoint.path, name: names.positions)
        }
        return table
    }

    func checkFinite(_ matrix: StoredMatrix) throws(EncoderError) {
        let row = AlignedBuffer<Float>(count: matrix.columns)
        defer { withExtendedLifetime(row) {} }
        for index in 0..<matrix.rows {
            matrix.copyRow(index, to: row.pointer)
            guard apus_all_finite(row.pointer, matrix.columns) != 0 else {
                throw .notFinite(path: checkpoint.path, name: matrix.name)
            }
        }
    }
}
