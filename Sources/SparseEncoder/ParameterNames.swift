/// The tensor names of an architecture in Hugging Face's checkpoints.
struct ParameterNames {
    var words: String
    var positions: String
    /// Absent in DistilBERT.
    var tokenTypes: String?
    var embeddingNorm: String
    var layer: @Sendable (Int) -> String
    var query, key, value, attentionOutput, attentionNorm, up, down, outputNorm: String
    var headTransform: String
    var headNorm: String
    var decoderWeight: String
    /// The bias of a decoder tied to the word embeddings, and of one with its own weights.
    var tiedBias, ownBias: String

    init(_ architecture: ModelConfiguration.Architecture) {
        switch architecture {
        case .bert:
            words = "bert.embeddings.word_embeddings.weight"
            positions = "bert.embeddings.position_embeddings.weight"
            tokenTypes = "bert.embeddings.token_type_embeddings.weight"
            embeddingNorm = "bert.embeddings.LayerNorm"
            layer = { "bert.encoder.layer.\($0)." }
            query = "attention.self.query"
            key = "attention.self.key"
            value = "attention.self.value"
            attentionOutput = "attention.output.dense"
            attentionNorm = "attention.output.LayerNorm"
            up = "intermediate.dense"
            down = "output.dense"
            outputNorm = "output.LayerNorm"
            headTransform = "cls.predictions.transform.dense"
            headNorm = "cls.predictions.transform.LayerNorm"
            decoderWeight = "cls.predictions.decoder.weight"
            tiedBias = "cls.predictions.bias"
            ownBias = "cls.predictions.decoder.bias"
        case .distilBERT:
            words = "distilbert.embeddings.word_embeddings.weight"
            positions = "distilbert.embeddings.position_embeddings.weight"
            tokenTypes = nil
            embeddingNorm = "distilbert.embeddings.LayerNorm"
            layer = { "distilbert.transformer.layer.\($0)." }
            query = "attention.q_lin"
            key = "attention.k_lin"
            value = "attention.v_lin"
            attentionOutput = "attention.out_lin"
            attentionNorm = "sa_layer_norm"
            up = "ffn.lin1"
            down = "ffn.lin2"
            outputNorm = "output_layer_norm"
            headTransform = "vocab_transform"
            headNorm = "vocab_layer_norm"
            decoderWeight = "vocab_projector.weight"
            tiedBias = "vocab_projector.bias"
            ownBias = tiedBias
        }
    }
}
