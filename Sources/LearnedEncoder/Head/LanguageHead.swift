import CApusKernels
import Glibc

/// The scores of every term of the vocabulary, pooled over positions.
///
///     w[j] = log1p(relu(max over i of z[i, j]))        z = E · LayerNorm(act(W h + b)) + c
///
/// Source: Formal et al., "SPLADE v2", 2021, eq. 1 with max pooling ([arXiv:2109.10086](https://arxiv.org/abs/2109.10086));
/// SPLADE v1 sums the activated scores instead. Scores are never stored: the kernels keep a running maximum per term.
/// Decoders have neither transform nor norm.
struct LanguageHead: Sendable {
    let transform: PackedLinear?
    let norm: LayerNorm?
    let decoder: PackedLinear
    /// nil for a head that is not screened.
    let screening: HeadScreening?

    /// Every packed layer.
    var linears: [PackedLinear] { [decoder] + (transform.map { [$0] } ?? []) }

    /// - Throws: ``EncoderError``, naming the tensor that is missing, misshapen or not finite.
    init(
        _ checkpoint: Checkpoint, _ configuration: ModelConfiguration, words: StoredMatrix, precision: Precision
    ) throws(EncoderError) {
        let names = configuration.modelClass.architecture.head
        let hidden = configuration.hiddenSize
        let loader = LayerLoader(checkpoint: checkpoint, precision: precision)
        transform = try names.transform.map { name throws(EncoderError) in
            try loader.linear([(name, hidden)], from: hidden, needsBias: !names.mayLackShifts)
        }
        norm = try names.norm.map { name throws(EncoderError) in
            names.mayLackShifts
                ? try loader.normWithoutShift(name, hidden) : try loader.norm(name, hidden)
        }
        // transformers ties the decoder to the word embeddings unless the configuration says otherwise, whatever is stored.
        let matrix =
            configuration.isTied
            ? words
            : try checkpoint.matrix(names.decoderWeight, rows: configuration.vocabularySize, columns: hidden)
        var bias = names.tiedBias
        if !configuration.isTied, let own = names.ownBias, checkpoint.has(own) { bias = own }
        decoder = try PackedLinear(
            [
                (
                    matrix,
                    try bias.map { name throws(EncoderError) in
                        try checkpoint.vector(name, count: configuration.vocabularySize)
                    }
                )
            ], precision: precision, level: checkpoint.level, packed: checkpoint.panels,
            known: configuration.pooling == .max
                ? try checkpoint.panels?.screened(matrix.name, outputs: matrix.rows) : nil)
        let decoder = decoder
        let screen = try checkpoint.panels.flatMap { file throws(EncoderError) in try HeadScreen(decoder, file) }
        screening = configuration.pooling == .max ? HeadScreening(decoder, stored: screen) : nil
        if !configuration.isTied { try loader.checkFinite(words) }
    }

    /// Pools the first `rows` rows of `workspace.hidden`.
    func pool(_ rows: Int, texts: Int, _ configuration: ModelConfiguration, _ steps: LayerPrimitives) -> [(
        terms: [UInt32], weights: [Float]
    )] {
        let workspace = steps.workspace
        var input = unsafe workspace.hidden.pointer
        if let transform {
            unsafe steps.apply(
                transform, input, workspace.stride, rows, to: workspace.output.pointer,
                activation: configuration.activation.kernel)
            unsafe input = unsafe workspace.output.pointer
        }
        if let norm { unsafe steps.normalise(input, residual: nil, rows, norm, to: input) }
        let left = unsafe steps.input(input, workspace.stride, rows, decoder)
        let pooled = unsafe workspace.pooled.pointer
        let isMax = configuration.pooling == .max
        unsafe pooled.update(repeating: isMax ? -.infinity : 0, count: texts * decoder.columns)
        if isMax, let screen = unsafe screening?.screen(left) {
            let scratch = workspace.screenScratch(screen.scratchBytes(rows: workspace.tokens))
            unsafe screen.applyMax(
                left, texts: workspace.textOfRow.pointer, to: pooled, scratch: scratch.pointer)
            withExtendedLifetime(scratch) {}
        } else if isMax {
            unsafe decoder.applyMax(left, texts: workspace.textOfRow.pointer, to: pooled)
        } else {
            unsafe decoder.applySum(
                left, texts: workspace.textOfRow.pointer, logarithms: configuration.logarithms, to: pooled)
        }
        return (0..<texts).map { text in
            unsafe collect(pooled + text * decoder.columns, isMax ? decoder.bias.pointer : nil, configuration)
        }
    }

    /// The terms with a positive weight. The logarithm is monotone, so after max pooling it is taken once per term.
    private func collect(
        _ pooled: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, _ configuration: ModelConfiguration
    ) -> (terms: [UInt32], weights: [Float]) {
        let capacity = unsafe Int(apus_list_positive(pooled, bias, configuration.vocabularySize, nil))
        // An array of no capacity is one for all threads, and would be written here.
        guard capacity > 0 else { return ([], []) }
        let terms = unsafe [UInt32](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = unsafe Int(apus_list_positive(pooled, bias, configuration.vocabularySize, buffer.baseAddress))
        }
        let values = terms.map { term in
            var weight = unsafe pooled[Int(term)]
            if let bias = unsafe bias {
                unsafe weight += bias[Int(term)]
                for _ in 0..<configuration.logarithms { weight = log1pf(weight) }
            }
            return weight
        }
        return (terms, values)
    }
}
