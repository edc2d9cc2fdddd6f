import CApusKernels
import FileStorage
import Glibc

/// Scale of a root-mean-square norm, or scale and shift of a layer norm.
enum RotaryNorm: Sendable {
    case layer(LayerNorm)
    case rootMeanSquare(AlignedBuffer<Float>)
}

/// The weights of one layer with rotary positions.
struct RotaryLayer: Sendable {
    /// Before attention, or after it where the encoder normalises residuals; nil for none.
    let attentionNorm: RotaryNorm?
    let innerNorm: RotaryNorm
    /// Queries, keys and values side by side.
    let projection: PackedLinear
    /// Scales of each head's queries and keys, `[headSize]`.
    let queryNorm, keyNorm: AlignedBuffer<Float>?
    let attentionOutput: PackedLinear
    /// Gate and value side by side.
    let up: PackedLinear
    let down: PackedLinear
    /// Cosines and sines, `[positions, headSize / 2]`.
    let angles: Angles
}

/// The sines and cosines of every position; layers with the same settings share one.
final class Angles: Sendable {
    let cosines, sines: AlignedBuffer<Float>

    init(_ rope: Rope, headSize: Int, positions: Int) {
        let frequencies = rope.frequencies(headSize: headSize)
        cosines = AlignedBuffer(count: positions * frequencies.count)
        sines = AlignedBuffer(count: positions * frequencies.count)
        for position in 0..<positions {
            for (index, frequency) in frequencies.enumerated() {
                let angle = Float(position) * frequency
                unsafe cosines.pointer[position * frequencies.count + index] = cosf(angle)
                unsafe sines.pointer[position * frequencies.count + index] = sinf(angle)
            }
        }
    }
}

/// All weights of a backbone with rotary positions, packed for the kernels.
struct RotaryWeights: Sendable {
    let words: StoredMatrix
    /// Token type 0, `[hidden]`; nil where the model has none.
    let typeZero: AlignedBuffer<Float>?
    let embeddingNorm: RotaryNorm?
    let layers: [RotaryLayer]
    let finalNorm: RotaryNorm?

    /// Every packed layer.
    var linears: [PackedLinear] { layers.flatMap { [$0.projection, $0.attentionOutput, $0.up, $0.down] } }

    /// - Throws: ``EncoderError``, naming the tensor that is missing, misshapen or not finite.
    init(
        _ checkpoint: Checkpoint, _ configuration: ModelConfiguration, _ rotary: RotarySettings, precision: Precision
    ) throws(EncoderError) {
        let reader = RotaryReader(checkpoint, configuration, rotary, precision: precision)
        words = try checkpoint.matrix(
            reader.names.words, rows: configuration.vocabularySize, columns: configuration.hiddenSize)
        typeZero = try reader.typeZero()
        embeddingNorm = try reader.norm(reader.names.embeddingNorm)
        finalNorm = try reader.norm(reader.names.finalNorm)
        var angles: [Rope: Angles] = [:]
        var layers: [RotaryLayer] = []
        for (index, layer) in rotary.layers.enumerated() {
            // After the shapes of the layer's tensors were checked, so that no wrong size is allocated.
            layers.append(
                try reader.layer(index) {
                    let shared =
                        angles[layer.rope]
                        ?? Angles(layer.rope, headSize: rotary.headSize, positions: configuration.maximumLength)
                    angles[layer.rope] = shared
                    return shared
                })
            checkpoint.file.releasePages()
        }
        self.layers = layers
    }
}

private struct RotaryReader {
    let checkpoint: Checkpoint
    let configuration: ModelConfiguration
    let rotary: RotarySettings
    let loader: LayerLoader
    let names: BackboneNames

    init(_ checkpoint: Checkpoint, _ configuration: ModelConfiguration, _ rotary: RotarySettings, precision: Precision)
    {
        self.checkpoint = checkpoint
        self.configuration = configuration
        self.rotary = rotary
        loader = LayerLoader(checkpoint: checkpoint, precision: precision)
        names = configuration.names.found(in: checkpoint)
    }

    func norm(_ name: String?) throws(EncoderError) -> RotaryNorm? {
        guard let name else { return nil }
        return rotary.normalisesByRootMeanSquare
            ? .rootMeanSquare(try checkpoint.vector(name + ".weight", count: configuration.hiddenSize))
            : .layer(try loader.normWithoutShift(name, configuration.hiddenSize))
    }

    func typeZero() throws(EncoderError) -> AlignedBuffer<Float>? {
        guard let name = names.tokenTypes, let types = checkpoint.file.tensors[name]?.shape.first, types > 0 else {
            return nil
        }
        let matrix = try checkpoint.matrix(name, rows: types, columns: configuration.hiddenSize)
        let row = AlignedBuffer<Float>(count: configuration.hiddenSize)
        defer { withExtendedLifetime(row) {} }
        unsafe matrix.copyRow(0, to: row.pointer)
        return row
    }

    func layer(_ index: Int, angles: () -> Angles) throws(EncoderError) -> RotaryLayer {
        let prefix = names.layers + "\(index)."
        let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
        let queryWidth = configuration.heads * rotary.headSize
        let keyWidth = rotary.keyHeads * rotary.headSize
        func linear(_ names: [String], _ widths: [Int], from inputs: Int) throws(EncoderError) -> PackedLinear {
            // What one name holds is side by side in its tensor.
            let widths = names.count == 1 ? [widths.reduce(0, +)] : widths
            return try loader.linear(
                zip(names, widths).map { (prefix + $0, $1) }, from: inputs, needsBias: false)
        }
        func headNorm(_ name: String?) throws(EncoderError) -> AlignedBuffer<Float>? {
            try name.map { name throws(EncoderError) in
                try checkpoint.vector(prefix + name, count: rotary.headSize)
            }
        }
        let isNormalised = rotary.firstIsNormalised && index == 0
        guard let innerNorm = try norm(prefix + names.innerNorm) else {
            throw .storage(.missingTensor(path: checkpoint.path, name: prefix + names.innerNorm))
        }
        return RotaryLayer(
            attentionNorm: isNormalised ? nil : try norm(prefix + names.attentionNorm), innerNorm: innerNorm,
            projection: try linear(names.projection, [queryWidth, keyWidth, keyWidth], from: hidden),
            queryNorm: try headNorm(names.queryNorm), keyNorm: try headNorm(names.keyNorm),
            attentionOutput: try linear([names.attentionOutput], [hidden], from: queryWidth),
            up: try linear(names.up, [inner, inner], from: hidden),
            down: try linear([names.down], [hidden], from: inner), angles: angles())
    }
}
