/// DistilBERT: BERT without token types, with names of its own.
///
/// Source: Sanh et al., 2019 ([arXiv:1910.01108](https://arxiv.org/abs/1910.01108)).
enum DistilBERT: Architecture {
    static let classes = [
        ModelClass(name: "DistilBertForMaskedLM", type: "distilbert", architecture: DistilBERT.self),
        ModelClass(name: "DistilBertModel", architecture: DistilBERT.self),
    ]
    static let head = HeadNames(
        transform: "vocab_transform", norm: "vocab_layer_norm", decoderWeight: "vocab_projector.weight",
        tiedBias: "vocab_projector.bias", ownBias: "vocab_projector.bias")
    static let keys = ConfigKeys(
        hiddenSize: "dim", layers: "n_layers", heads: "n_heads", intermediateSize: "hidden_dim",
        flags: ["add_cross_attention", "is_decoder"], texts: ["activation", "position_embedding_type"],
        others: ["qa_dropout", "sinusoidal_pos_embds"])

    static func names(of model: ModelClass) -> BackboneNames {
        BackboneNames(
            stems: ["", "distilbert."], words: "embeddings.word_embeddings.weight",
            positions: "embeddings.position_embeddings.weight", embeddingNorm: "embeddings.LayerNorm",
            layers: "transformer.layer.", projection: ["attention.q_lin", "attention.k_lin", "attention.v_lin"],
            attentionOutput: "attention.out_lin", attentionNorm: "sa_layer_norm", up: ["ffn.lin1"], down: "ffn.lin2",
            innerNorm: "output_layer_norm")
    }

    static func read(_ json: JSONFile, into model: inout ModelConfiguration) throws(EncoderError) {
        try model.requireAbsolutePositions(json)
        try model.readActivation(json, "activation")
    }
}
