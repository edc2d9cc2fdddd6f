import CApusKernels
import Glibc

/// Scale of a root-mean-square norm, or scale and shift of a layer norm.
enum RotaryNorm: Sendable {
    case layer(LayerNorm)
    case rootMeanSquare(AlignedBuffer<Float>)
}

/// The weights of one layer with rotary positions.
struct RotaryLayer: Sendable {
    /// Before attention, or after it where the encoder normalises residuals (GTE); nil for none.
    let attentionNorm: RotaryNorm?
    let innerNorm: RotaryNorm
    /// Queries, keys and values side by side.
    let projection: PackedLinear
    /// Scales of each head's queries and keys (Qwen 3), `[headSize]`.
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
                cosines.pointer[position * frequencies.count + index] = cosf(angle)
                sines.pointer[position * frequencies.count + index] = sinf(angle)
            }
        }
    }
}

/// All weights of a ModernBERT, GTE or decoder backbone, packed for the kernels.
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

/// The tensor names of a rotary backbone.
private struct RotaryNames {
    var words: String
    var tokenTypes: String?
    var embeddingNorm, finalNorm: String?
    var layer: String
    var attentionNorm, innerNorm: String
    var output: String
    var down: String

    init(_ family: Architecture.Family, _ checkpoint: Checkpoint) {
        func prefix(_ stems: [String], _ name: String) -> String { stems.first { checkpoint.has($0 + name) } ?? "" }
        switch family {
        case .modernBERT:
            let stem = prefix(["model.", ""], "embeddings.tok_embeddings.weight")
            words = stem + "embeddings.tok_embeddings.weight"
            embeddingNorm = stem + "embeddings.norm"
            finalNorm = stem + "final_norm"
            layer = stem + "layers."
            (attentionNorm, innerNorm, output, down) = ("attn_norm", "mlp_norm", "attn.Wo", "mlp.Wo")
        case .gte:
            let stem = prefix(["new.", "gte.", ""], "embeddings.word_embeddings.weight")
            words = stem + "embeddings.word_embeddings.weight"
            tokenTypes = stem + "embeddings.token_type_embeddings.weight"
            embeddingNorm = stem + "embeddings.LayerNorm"
            layer = stem + "encoder.layer."
            (attentionNorm, innerNorm, output, down) = ("attn_ln", "mlp_ln", "attention.o_proj", "mlp.down_proj")
        default:
            let stem = prefix(["model.", ""], "embed_tokens.weight")
            words = stem + "embed_tokens.weight"
            finalNorm = stem + "norm"
            layer = stem + "layers."
            attentionNorm = "input_layernorm"
            innerNorm = "post_attention_layernorm"
            (output, down) = ("self_attn.o_proj", "mlp.down_proj")
        }
    }
}

private struct RotaryReader {
    let checkpoint: Checkpoint
    let configuration: ModelConfiguration
    let rotary: RotarySettings
    let loader: LayerLoader
    let names: RotaryNames
    var family: Architecture.Family { configuration.architecture.family }

    init(_ checkpoint: Checkpoint, _ configuration: ModelConfiguration, _ rotary: RotarySettings, precision: Precision)
    {
        self.checkpoint = checkpoint
        self.configuration = configuration
        self.rotary = rotary
        loader = LayerLoader(checkpoint: checkpoint, precision: precision)
        names = RotaryNames(configuration.architecture.family, checkpoint)
    }

    func norm(_ name: String?) throws(EncoderError) -> RotaryNorm? {
        guard let name else { return nil }
        return family == .decoder
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
        matrix.copyRow(0, to: row.pointer)
        return row
    }

    func layer(_ index: Int, angles: () -> Angles) throws(EncoderError) -> RotaryLayer {
        let prefix = names.layer + "\(index)."
        let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
        let queryWidth = configuration.heads * rotary.headSize
        let keyWidth = rotary.keyHeads * rotary.headSize
        let projection: [(String, Int)]
        let up: [(String, Int)]
        switch family {
        case .modernBERT:
            projection = [("attn.Wqkv", 3 * hidden)]
            up = [("mlp.Wi", 2 * inner)]
        case .gte:
            projection = [("attention.qkv_proj", 3 * hidden)]
            up = [("mlp.up_gate_proj", 2 * inner)]
        default:
            projection = [
                ("self_attn.q_proj", queryWidth), ("self_attn.k_proj", keyWidth), ("self_attn.v_proj", keyWidth),
            ]
            up = [("mlp.gate_proj", inner), ("mlp.up_proj", inner)]
        }
        func linear(_ parts: [(String, Int)], from inputs: Int) throws(EncoderError) -> PackedLinear {
            try loader.linear(parts.map { (prefix + $0.0, $0.1) }, from: inputs, needsBias: false)
        }
        func headNorm(_ name: String) throws(EncoderError) -> AlignedBuffer<Float>? {
            configuration.architecture == .qwen3
                ? try checkpoint.vector(prefix + name, count: rotary.headSize) : nil
        }
        // ModernBERT's first layer reads the embeddings, which are normalised already.
        let isFirst = family == .modernBERT && index == 0
        guard let innerNorm = try norm(prefix + names.innerNorm) else {
            throw .storage(.missingTensor(path: checkpoint.path, name: prefix + names.innerNorm))
        }
        return RotaryLayer(
            attentionNorm: isFirst ? nil : try norm(prefix + names.attentionNorm), innerNorm: innerNorm,
            projection: try linear(projection, from: hidden), queryNorm: try headNorm("self_attn.q_norm.weight"),
            keyNorm: try headNorm("self_attn.k_norm.weight"),
            attentionOutput: try linear([(names.output, hidden)], from: queryWidth), up: try linear(up, from: hidden),
            down: try linear([(names.down, hidden)], from: inner), angles: angles())
    }
}
