/// BERT: positions from a table, each part normalised after its residual.
///
/// Source: Devlin et al., 2019 ([arXiv:1810.04805](https://arxiv.org/abs/1810.04805)).
enum BERT: Architecture {
    static let classes = [
        ModelClass(name: "BertForMaskedLM", type: "bert", architecture: BERT.self),
        ModelClass(name: "BertModel", architecture: BERT.self),
    ]
    static let tokenWeightClasses = [
        TokenWeightClass(name: "UniCoilEncoder", base: "BertModel", layers: ["tok_proj"]),
        TokenWeightClass(name: "UniCOIL", base: "BertModel", layers: ["tok_proj"]),
        TokenWeightClass(
            name: "DeepImpact", base: "BertModel", layers: ["impact_score_encoder.0", "impact_score_encoder.3"]),
    ]
    static let head = HeadNames(
        transform: "cls.predictions.transform.dense", norm: "cls.predictions.transform.LayerNorm",
        decoderWeight: "cls.predictions.decoder.weight", tiedBias: "cls.predictions.bias",
        ownBias: "cls.predictions.decoder.bias")
    static let keys = ConfigKeys(
        numbers: ["layer_norm_eps", "pad_token_id"], flags: ["add_cross_attention", "is_decoder"],
        texts: ["position_embedding_type"], others: ["output_past", "type_vocab_size"])

    /// Those of a bare encoder have no stem.
    static func names(stem: String) -> BackboneNames {
        BackboneNames(
            stems: ["", stem], words: "embeddings.word_embeddings.weight",
            positions: "embeddings.position_embeddings.weight", tokenTypes: "embeddings.token_type_embeddings.weight",
            embeddingNorm: "embeddings.LayerNorm", layers: "encoder.layer.",
            projection: ["attention.self.query", "attention.self.key", "attention.self.value"],
            attentionOutput: "attention.output.dense", attentionNorm: "attention.output.LayerNorm",
            up: ["intermediate.dense"], down: "output.dense", innerNorm: "output.LayerNorm")
    }

    static func names(of model: ModelClass) -> BackboneNames {
        names(stem: "bert.")
    }

    static func read(_ json: JSONFile, into model: inout ModelConfiguration) throws(EncoderError) {
        try model.requireAbsolutePositions(json)
        model.normEpsilon = Float(json.number("layer_norm_eps") ?? 1e-12)
        try model.readActivation(json, "hidden_act")
    }
}
