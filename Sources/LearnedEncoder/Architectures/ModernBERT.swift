/// ModernBERT: normalised before each part, most layers see a window.
///
/// Source: Warner et al., 2024 ([arXiv:2412.13663](https://arxiv.org/abs/2412.13663)).
enum ModernBERT: Architecture {
    static let classes = [
        ModelClass(name: "ModernBertForMaskedLM", type: "modernbert", architecture: ModernBERT.self),
        ModelClass(name: "ModernBertModel", architecture: ModernBERT.self),
    ]
    static let head = HeadNames(
        transform: "head.dense", norm: "head.norm", mayLackShifts: true, decoderWeight: "decoder.weight",
        tiedBias: "decoder.bias", ownBias: "decoder.bias")
    static let keys = ConfigKeys(
        numbers: [
            "global_attn_every_n_layers", "global_rope_theta", "local_attention", "local_rope_theta", "norm_eps",
        ],
        texts: ["classifier_activation", "hidden_activation"],
        others: [
            "attention_bias", "classifier_bias", "classifier_pooling", "decoder_bias", "deterministic_flash_attn",
            "initializer_cutoff_factor", "mlp_bias", "norm_bias", "reference_compile", "repad_logits_with_grad",
            "sparse_pred_ignore_index", "sparse_prediction",
        ])

    static func names(of model: ModelClass) -> BackboneNames {
        BackboneNames(
            stems: ["model.", ""], words: "embeddings.tok_embeddings.weight", embeddingNorm: "embeddings.norm",
            finalNorm: "final_norm", layers: "layers.", projection: ["attn.Wqkv"], attentionOutput: "attn.Wo",
            attentionNorm: "attn_norm", up: ["mlp.Wi"], down: "mlp.Wo", innerNorm: "mlp_norm")
    }

    static func read(_ json: JSONFile, into model: inout ModelConfiguration) throws(EncoderError) {
        model.normEpsilon = Float(json.number("norm_eps") ?? 1e-5)
        try model.requirePositions(json, below: 1 << 16)
        var rotary = try RotarySettings(json, model, gate: "hidden_activation")
        rotary.firstIsNormalised = true
        try rotary.readLayers(json, model, isCausal: model.isCausal) { index, kind throws(EncoderError) in
            let every = json.integer("global_attn_every_n_layers") ?? 3
            if kind.map({ $0 == .full }) ?? (index % every == 0) {
                let theta = Float(json.number("global_rope_theta") ?? 160_000)
                return RotarySettings.Layer(rope: try Rope(json, "full_attention", fallback: theta))
            }
            // The width counts both sides.
            let reach = (json.integer("local_attention") ?? 128) / 2
            let theta = Float(json.number("local_rope_theta") ?? 10_000)
            return RotarySettings.Layer(
                rope: try Rope(json, "sliding_attention", fallback: theta), before: reach, after: reach)
        }
        model.rotary = rotary
        let name = json.string("classifier_activation") ?? "gelu"
        guard let activation = ModelConfiguration.Activation(rawValue: name) else {
            throw json.unsupported(
                "activation", name, known: ModelConfiguration.Activation.allCases.map(\.rawValue))
        }
        model.activation = activation
    }
}
