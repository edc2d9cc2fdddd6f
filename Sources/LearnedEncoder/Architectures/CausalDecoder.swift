/// Llama, Mistral and Qwen: root-mean-square norms before each part, query heads that share keys, each token sees those
/// before it.
///
/// Source: Touvron et al., 2023 ([arXiv:2302.13971](https://arxiv.org/abs/2302.13971)).
enum CausalDecoder: Architecture {
    static let classes = [
        ModelClass(name: "LlamaForCausalLM", type: "llama", architecture: CausalDecoder.self),
        ModelClass(name: "MistralForCausalLM", type: "mistral", architecture: CausalDecoder.self),
        ModelClass(name: "Qwen2ForCausalLM", type: "qwen2", architecture: CausalDecoder.self),
        normedHeads,
    ]
    /// Qwen 3 scales each head's queries and keys.
    private static let normedHeads = ModelClass(
        name: "Qwen3ForCausalLM", type: "qwen3", architecture: CausalDecoder.self)
    static let head = HeadNames(decoderWeight: "lm_head.weight")
    static let keys = ConfigKeys(
        numbers: ["head_dim", "num_key_value_heads", "rms_norm_eps", "rope_theta", "sliding_window"],
        flags: ["use_sliding_window"], texts: ["position_embedding_type"],
        others: ["attention_bias", "max_window_layers", "mlp_bias", "pretraining_tp"])
    static let isTied = false
    static let isCausal = true
    /// The files state the length of whole books; buffers of that length are for those who ask.
    static let usualLength: Int? = 512

    static func names(of model: ModelClass) -> BackboneNames {
        let isNormed = model == normedHeads
        return BackboneNames(
            stems: ["model.", ""], words: "embed_tokens.weight", finalNorm: "norm", layers: "layers.",
            projection: ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
            queryNorm: isNormed ? "self_attn.q_norm.weight" : nil, keyNorm: isNormed ? "self_attn.k_norm.weight" : nil,
            attentionOutput: "self_attn.o_proj", attentionNorm: "input_layernorm",
            up: ["mlp.gate_proj", "mlp.up_proj"], down: "mlp.down_proj", innerNorm: "post_attention_layernorm")
    }

    static func read(_ json: JSONFile, into model: inout ModelConfiguration) throws(EncoderError) {
        try model.requirePositionEmbedding(json, "absolute")
        model.normEpsilon = Float(json.number("rms_norm_eps") ?? 1e-6)
        try model.requirePositions(json, below: 1 << 20)
        var rotary = try RotarySettings(
            json, model, gate: "hidden_act", headSize: json.integer("head_dim") ?? model.hiddenSize / model.heads,
            keyHeads: json.integer("num_key_value_heads"))
        rotary.normalisesByRootMeanSquare = true
        let isCausal = model.isCausal
        try rotary.readLayers(json, model, isCausal: isCausal) { _, kind throws(EncoderError) in
            var layer = RotarySettings.Layer(rope: try Rope(json, nil, fallback: 10_000))
            let slides = kind.map { $0 == .sliding } ?? json.bool("use_sliding_window") ?? true
            if slides, let window = json.integer("sliding_window") {
                guard isCausal else {
                    throw json.unsupported("attention", "bidirectional with a sliding window", known: ["causal"])
                }
                layer.before = window - 1
            }
            return layer
        }
        model.rotary = rotary
    }
}
