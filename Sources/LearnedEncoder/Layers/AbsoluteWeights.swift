import CApusKernels
import FileStorage
import Foundation
import ParallelWork

/// Scale and shift of a layer normalisation, each `[width]`.
struct LayerNorm: Sendable {
    let gamma: AlignedBuffer<Float>
    let beta: AlignedBuffer<Float>
}

/// The weights of one encoder layer.
struct AbsoluteLayer: Sendable {
    /// Query, key and value side by side, `[3 × hidden, hidden]`.
    let projection: PackedLinear
    let attentionOutput: PackedLinear
    let attentionNorm: LayerNorm
    let up: PackedLinear
    let down: PackedLinear
    let innerNorm: LayerNorm
}

/// The weights of an encoder with a table of positions, packed for the kernels.
struct AbsoluteWeights: Sendable {
    let words: StoredMatrix
    /// Position plus token type 0, `[positions, hidden]`, one more row with a ``paddingID``.
    let positions: AlignedBuffer<Float>
    let embeddingNorm: LayerNorm
    let layers: [AbsoluteLayer]
    /// The id that keeps the first row of ``positions`` for itself, as padding may; negative for none.
    let paddingID: Int32

    /// Every packed layer.
    var linears: [PackedLinear] { layers.flatMap { [$0.projection, $0.attentionOutput, $0.up, $0.down] } }

    /// Reads, checks and packs the tensors.
    /// - Throws: ``EncoderError``, naming the tensor that is missing, misshapen or not finite.
    init(_ checkpoint: Checkpoint, _ configuration: ModelConfiguration, precision: Precision) throws(EncoderError) {
        let hidden = configuration.hiddenSize
        let loader = LayerLoader(checkpoint: checkpoint, precision: precision)
        let names = configuration.names.found(in: checkpoint)

        words = try checkpoint.matrix(names.words, rows: configuration.vocabularySize, columns: hidden)
        positions = try loader.positions(names, configuration)
        embeddingNorm = try loader.norm(names.embeddingNorm ?? "", hidden)
        var layers: [AbsoluteLayer] = []
        for index in 0..<configuration.layers {
            let prefix = names.layers + "\(index)."
            let inner = configuration.intermediateSize
            layers.append(
                AbsoluteLayer(
                    projection: try loader.linear(names.projection.map { prefix + $0 }, hidden, from: hidden),
                    attentionOutput: try loader.linear([prefix + names.attentionOutput], hidden, from: hidden),
                    attentionNorm: try loader.norm(prefix + names.attentionNorm, hidden),
                    up: try loader.linear(names.up.map { prefix + $0 }, inner, from: hidden),
                    down: try loader.linear([prefix + names.down], hidden, from: inner),
                    innerNorm: try loader.norm(prefix + names.innerNorm, hidden)))
            checkpoint.file.releasePages()
        }
        self.layers = layers
        paddingID = configuration.positionOffset > 0 ? Int32(configuration.positionOffset - 1) : -1
    }
}

/// Reads and packs the parts of layers.
struct LayerLoader {
    let checkpoint: Checkpoint
    let precision: Precision

    func linear(_ names: [String], _ outputs: Int, from inputs: Int) throws(EncoderError) -> PackedLinear {
        try linear(names.map { ($0, outputs) }, from: inputs, needsBias: true)
    }

    /// Layers that read the same input, one below the other; without a bias where none is needed and none is stored.
    func linear(_ parts: [(name: String, outputs: Int)], from inputs: Int, needsBias: Bool) throws(EncoderError)
        -> PackedLinear
    {
        var loaded: [(matrix: StoredMatrix, bias: AlignedBuffer<Float>?)] = []
        for (name, outputs) in parts {
            let bias = name + ".bias"
            loaded.append(
                (
                    try checkpoint.matrix(name + ".weight", rows: outputs, columns: inputs),
                    needsBias || checkpoint.has(bias) ? try checkpoint.vector(bias, count: outputs) : nil
                ))
        }
        return try PackedLinear(
            loaded, copies: try checkpoint.copies(parts[0].name, inputs: inputs), precision: precision,
            level: checkpoint.level, packed: checkpoint.panels, in: checkpoint.arena)
    }

    /// Checkpoints converted from TensorFlow name the two vectors gamma and beta.
    func norm(_ name: String, _ width: Int) throws(EncoderError) -> LayerNorm {
        let old = !checkpoint.has(name + ".weight") && checkpoint.has(name + ".gamma")
        return LayerNorm(
            gamma: try checkpoint.vector(name + (old ? ".gamma" : ".weight"), count: width),
            beta: try checkpoint.vector(name + (old ? ".beta" : ".bias"), count: width))
    }

    /// A norm that may have no shift.
    func normWithoutShift(_ name: String, _ width: Int) throws(EncoderError) -> LayerNorm {
        checkpoint.has(name + ".bias")
            ? try norm(name, width)
            : LayerNorm(
                gamma: try checkpoint.vector(name + ".weight", count: width), beta: AlignedBuffer(count: width))
    }

    func positions(_ names: BackboneNames, _ configuration: ModelConfiguration) throws(EncoderError)
        -> AlignedBuffer<Float>
    {
        let hidden = configuration.hiddenSize
        let offset = configuration.positionOffset
        let stored = try checkpoint.matrix(
            names.positions ?? "", rows: configuration.positions + offset, columns: hidden)
        let first = max(0, offset - 1)
        let table = AlignedBuffer<Float>(count: (stored.rows - first) * hidden)
        let typeZero = AlignedBuffer<Float>(count: hidden)
        defer { withExtendedLifetime((table, typeZero)) {} }
        if let name = names.tokenTypes {
            let types = checkpoint.file.tensors[name]?.shape.first ?? 2
            let matrix = try checkpoint.matrix(name, rows: types, columns: hidden)
            guard types > 0 else { throw .storage(.missingTensor(path: checkpoint.path, name: name)) }
            unsafe matrix.copyRow(0, to: typeZero.pointer)
        }
        for row in first..<stored.rows {
            let target = unsafe table.pointer + (row - first) * hidden
            unsafe stored.copyRow(row, to: target)
            for k in 0..<hidden { unsafe target[k] += typeZero.pointer[k] }
        }
        guard unsafe apus_all_finite(table.pointer, table.count) != 0 else {
            throw .notFinite(path: checkpoint.path, name: stored.name)
        }
        return table
    }

    /// - Throws: ``EncoderError/notFinite(path:name:)``.
    /// - Complexity: O(values), on all cores; nothing for s8 rows, whose scales are checked.
    func checkFinite(_ matrix: StoredMatrix) throws(EncoderError) {
        guard matrix.type != APUS_S8 else { return }
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let isFinite = ParallelMap.map(count: matrix.rows, threads: threads, chunk: 1024) { rows in
            let row = AlignedBuffer<Float>(count: matrix.columns)
            defer { withExtendedLifetime(row) {} }
            for index in rows {
                unsafe matrix.copyRow(index, to: row.pointer)
                if unsafe apus_all_finite(row.pointer, matrix.columns) == 0 { return [false] }
            }
            return [true]
        }
        if isFinite.contains(false) { throw .notFinite(path: checkpoint.path, name: matrix.name) }
        checkpoint.file.releasePages()
    }
}
