/// How layers with rotary positions differ from each other.
struct RotarySettings: Sendable, Equatable {
    /// One layer's positions and view.
    struct Layer: Sendable, Equatable {
        var rope: Rope
        /// How many tokens before and after its own a token sees.
        var before = Int.max
        var after = Int.max
    }

    enum Gate: String, Sendable, CaseIterable {
        case gelu, geluTanh = "gelu_pytorch_tanh", geluNew = "gelu_new", relu, silu
    }

    var layers: [Layer]
    var gate: Gate
    /// Key and value heads, each shared by several query heads.
    var keyHeads: Int
    var headSize: Int
    /// Whether each part is normalised after its residual is added, not before the part.
    var normalisesAfter = false
    /// Root mean squares instead of layer norms.
    var normalisesByRootMeanSquare = false
    /// Whether the first layer's attention reads the embeddings as they are, which are normalised already.
    var firstIsNormalised = false
    /// Whether the inner layer's value is stored before its gate.
    var valueComesFirst = false
}

extension RotarySettings {
    /// All but the layers.
    /// - Parameters:
    ///   - gate: The key of the gate's activation.
    ///   - headSize: The width of a head where it is not the hidden state's, shared out.
    ///   - keyHeads: The number of key heads where it is not that of all heads.
    /// - Throws: ``EncoderError``, naming what is unknown.
    init(
        _ json: JSONFile, _ model: ModelConfiguration, gate key: String, headSize: Int? = nil, keyHeads: Int? = nil
    ) throws(EncoderError) {
        self.headSize = headSize ?? model.hiddenSize / model.heads
        self.keyHeads = keyHeads ?? model.heads
        guard self.headSize % 2 == 0, model.heads % self.keyHeads == 0,
            headSize != nil || model.hiddenSize % model.heads == 0
        else {
            throw .malformed(
                path: json.path,
                detail: "\(model.heads) heads of \(self.headSize) cannot share \(self.keyHeads) key heads")
        }
        let name = json.string(key) ?? "gelu"
        guard let gate = Gate(rawValue: name) else {
            throw json.unsupported("activation", name, known: Gate.allCases.map(\.rawValue))
        }
        self.gate = gate
        layers = []
    }

    /// What a layer sees, as `layer_types` says it.
    enum View: String, CaseIterable { case full = "full_attention", sliding = "sliding_attention" }

    /// Makes the layers, each by its number and, where the file says it, its view.
    /// - Throws: ``EncoderError``, naming what is unknown.
    mutating func readLayers(
        _ json: JSONFile, _ model: ModelConfiguration, isCausal: Bool,
        _ layer: (Int, View?) throws(EncoderError) -> Layer
    ) throws(EncoderError) {
        let kinds = json.strings("layer_types")
        guard kinds.isEmpty || kinds.count == model.layers else {
            throw .malformed(path: json.path, detail: "layer_types names \(kinds.count) layers of \(model.layers)")
        }
        var views: [View] = []
        for kind in kinds {
            guard let view = View(rawValue: kind) else {
                throw json.unsupported("attention", kind, known: View.allCases.map(\.rawValue))
            }
            views.append(view)
        }
        for index in 0..<model.layers {
            var made = try layer(index, views.isEmpty ? nil : views[index])
            if isCausal { made.after = 0 }
            layers.append(made)
        }
    }
}
