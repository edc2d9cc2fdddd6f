import Foundation

/// Angles per position, one per pair of a head's components.
///
/// Source: Su et al., "RoFormer", 2021, section 3.2 ([arXiv:2104.09864](https://arxiv.org/abs/2104.09864)).
struct Rope: Sendable, Hashable {
    enum Scaling: Sendable, Hashable {
        case none
        case linear(factor: Float)
        /// GTE's fixed scaling: a larger base, and all frequencies lowered together.
        case ntk(factor: Float)
        /// Low frequencies are divided by `factor`, high ones kept, those between mixed (Llama 3.1).
        case llama3(factor: Float, low: Float, high: Float, original: Float)
    }

    var theta: Float
    var scaling = Scaling.none

    /// Radians per position, `[headSize / 2]`.
    func frequencies(headSize: Int) -> [Float] {
        (0..<headSize / 2).map { index in
            let exponent = Float(2 * index) / Float(headSize)
            let plain = 1 / powf(theta, exponent)
            switch scaling {
            case .none: return plain
            case .linear(let factor): return plain / factor
            case .ntk(let factor): return 1 / powf(theta * factor, exponent) / powf(factor, 2 / Float(headSize))
            case .llama3(let factor, let low, let high, let original):
                let wavelength = 2 * Float.pi / plain
                if wavelength < original / high { return plain }
                if wavelength > original / low { return plain / factor }
                let share = (original / wavelength - low) / (high - low)
                return (1 - share) * plain / factor + share * plain
            }
        }
    }
}

/// How the layers of ModernBERT, GTE and decoder models differ from each other; BERT's have none of this.
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
}

extension RotarySettings {
    /// - Throws: ``EncoderError``, naming what is unknown.
    init(
        _ json: JSONFile, _ family: Architecture.Family, layers: Int, heads: Int, hidden: Int, isCausal: Bool
    ) throws(EncoderError) {
        headSize = (family == .decoder ? json.integer("head_dim") : nil) ?? hidden / heads
        keyHeads = family == .decoder ? json.integer("num_key_value_heads") ?? heads : heads
        guard headSize % 2 == 0, heads % keyHeads == 0, family == .decoder || hidden % heads == 0 else {
            throw .malformed(
                path: json.path, detail: "\(heads) heads of \(headSize) cannot share \(keyHeads) key heads")
        }
        let name = json.string(family == .modernBERT ? "hidden_activation" : "hidden_act") ?? "gelu"
        guard let gate = Gate(rawValue: name) else {
            throw json.unsupported("activation", name, known: Gate.allCases.map(\.rawValue))
        }
        self.gate = gate
        let kinds = json.strings("layer_types")
        guard kinds.isEmpty || kinds.count == layers else {
            throw .malformed(path: json.path, detail: "layer_types names \(kinds.count) layers of \(layers)")
        }
        if let kind = kinds.first(where: { $0 != "full_attention" && $0 != "sliding_attention" }) {
            throw json.unsupported("attention", kind, known: ["full_attention", "sliding_attention"])
        }
        self.layers = []
        for index in 0..<layers {
            var layer: Layer
            switch family {
            case .modernBERT: layer = try Self.modernBERT(json, index, kinds)
            case .decoder: layer = try Self.decoder(json, index, kinds, isCausal: isCausal)
            default: layer = Layer(rope: try Self.rope(json, nil, fallback: 10_000))
            }
            if isCausal { layer.after = 0 }
            self.layers.append(layer)
        }
    }

    private static func modernBERT(_ json: JSONFile, _ index: Int, _ kinds: [String]) throws(EncoderError) -> Layer {
        let every = json.integer("global_attn_every_n_layers") ?? 3
        let isFull = kinds.isEmpty ? index % every == 0 : kinds[index] == "full_attention"
        if isFull {
            return Layer(
                rope: try rope(json, "full_attention", fallback: Float(json.number("global_rope_theta") ?? 160_000)))
        }
        // The width counts both sides.
        let reach = (json.integer("local_attention") ?? 128) / 2
        return Layer(
            rope: try rope(json, "sliding_attention", fallback: Float(json.number("local_rope_theta") ?? 10_000)),
            before: reach, after: reach)
    }

    private static func decoder(
        _ json: JSONFile, _ index: Int, _ kinds: [String], isCausal: Bool
    ) throws(EncoderError) -> Layer {
        var layer = Layer(rope: try rope(json, nil, fallback: 10_000))
        let slides = kinds.isEmpty ? json.bool("use_sliding_window") ?? true : kinds[index] == "sliding_attention"
        if slides, let window = json.integer("sliding_window") {
            guard isCausal else {
                throw json.unsupported("attention", "bidirectional with a sliding window", known: ["causal"])
            }
            layer.before = window - 1
        }
        return layer
    }

    /// `rope_parameters`, or `rope_theta` and `rope_scaling` of older files.
    private static func rope(_ json: JSONFile, _ kind: String?, fallback: Float) throws(EncoderError) -> Rope {
        var parameters = json.object("rope_parameters") ?? [:]
        if let kind, let inner = parameters[kind] as? [String: Any] { parameters = inner }
        func number(_ values: [String: Any], _ key: String) -> Float? {
            (values[key] as? NSNumber).map { Float($0.doubleValue) }
        }
        let scaling = parameters.isEmpty ? json.object("rope_scaling") ?? [:] : parameters
        let theta = number(parameters, "rope_theta") ?? json.number("rope_theta").map { Float($0) } ?? fallback
        let type = scaling["rope_type"] as? String ?? scaling["type"] as? String ?? "default"
        func required(_ key: String) throws(EncoderError) -> Float {
            guard let value = number(scaling, key), value > 0, value.isFinite else {
                throw .malformed(path: json.path, detail: "rope scaling '\(type)' has no '\(key)' above 0")
            }
            return value
        }
        guard theta > 0, theta.isFinite else {
            throw .malformed(path: json.path, detail: "the rope's theta must be above 0, not \(theta)")
        }
        switch type {
        case "default": return Rope(theta: theta)
        case "linear": return Rope(theta: theta, scaling: .linear(factor: try required("factor")))
        case "ntk": return Rope(theta: theta, scaling: .ntk(factor: try required("factor")))
        case "llama3":
            let (low, high) = (try required("low_freq_factor"), try required("high_freq_factor"))
            guard low < high else {
                throw .malformed(
                    path: json.path, detail: "rope scaling 'llama3' needs low_freq_factor below high_freq_factor")
            }
            return Rope(
                theta: theta,
                scaling: .llama3(
                    factor: try required("factor"), low: low, high: high,
                    original: try required("original_max_position_embeddings")))
        case let other:
            throw json.unsupported("rope scaling", other, known: ["default", "linear", "llama3", "ntk"])
        }
    }
}
