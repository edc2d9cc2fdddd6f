/// mGTE, also known as NewModel: rotary positions, each part normalised after its residual.
///
/// Source: Zhang et al., 2024 ([arXiv:2407.19669](https://arxiv.org/abs/2407.19669)).
enum GTE: Architecture {
    static let classes = [
        ModelClass(name: "NewForMaskedLM", type: "new", architecture: GTE.self),
        ModelClass(name: "GteForMaskedLM", type: "gte", architecture: GTE.self),
        ModelClass(name: "NewModel", architecture: GTE.self),
        ModelClass(name: "GteModel", architecture: GTE.self),
    ]
    static let head = HeadNames(
        transform: "lm_head.dense", norm: "lm_head.norm", decoderWeight: "lm_head.decoder.weight",
        tiedBias: "lm_head.decoder.bias", ownBias: "lm_head.decoder.bias")
    static let keys = ConfigKeys(
        numbers: ["layer_norm_eps", "rope_theta"], flags: ["logn_attention_scale"],
        texts: ["layer_norm_type", "position_embedding_type"],
        others: [
            "logn_attention_clip1", "pack_qkv", "type_vocab_size", "unpad_inputs", "use_memory_efficient_attention",
        ])

    static func names(of model: ModelClass) -> BackboneNames {
        BackboneNames(
            stems: ["new.", "gte.", ""], words: "embeddings.word_embeddings.weight",
            tokenTypes: "embeddings.token_type_embeddings.weight", embeddingNorm: "embeddings.LayerNorm",
            layers: "encoder.layer.", projection: ["attention.qkv_proj"], attentionOutput: "attention.o_proj",
            attentionNorm: "attn_ln", up: ["mlp.up_gate_proj"], down: "mlp.down_proj", innerNorm: "mlp_ln")
    }

    static func read(_ json: JSONFile, into model: inout ModelConfiguration) throws(EncoderError) {
        try model.requirePositionEmbedding(json, "rope")
        model.normEpsilon = Float(json.number("layer_norm_eps") ?? 1e-12)
        if let kind = json.string("layer_norm_type"), kind != "layer_norm" {
            throw json.unsupported("layer norm", kind, known: ["layer_norm"])
        }
        if json.bool("logn_attention_scale") == true {
            throw json.unsupported("attention scale", "logn_attention_scale", known: ["1 / √(head size)"])
        }
        try model.requirePositions(json, below: 1 << 16)
        var rotary = try RotarySettings(json, model, gate: "hidden_act")
        rotary.normalisesAfter = true
        rotary.valueComesFirst = true
        try rotary.readLayers(json, model, isCausal: model.isCausal) { _, _ throws(EncoderError) in
            RotarySettings.Layer(rope: try Rope(json, nil, fallback: 10_000))
        }
        model.rotary = rotary
    }
}
