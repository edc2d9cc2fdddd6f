/// The tensor names of a BERT-like encoder in Hugging Face's checkpoints.
struct ParameterNames {
    var words: String
    var positions: String
    /// Absent in DistilBERT.
    var tokenTypes: String?
    var embeddingNorm: String
    var layer: @Sendable (Int) -> String
    var query, key, value, attentionOutput, attentionNorm, up, down, outputNorm: String

    init(_ configuration: ModelConfiguration, _ checkpoint: Checkpoint) {
        let family = configuration.architecture.family
        let stem = family == .distilBERT ? "distilbert." : family == .roberta ? "roberta." : "bert."
        // Folders of a bare encoder leave the stem out.
        let prefix = checkpoint.has("embeddings.word_embeddings.weight") ? "" : stem
        switch family {
        case .bert, .roberta, .modernBERT, .gte, .decoder:
            words = prefix + "embeddings.word_embeddings.weight"
            positions = prefix + "embeddings.position_embeddings.weight"
            tokenTypes = prefix + "embeddings.token_type_embeddings.weight"
            embeddingNorm = prefix + "embeddings.LayerNorm"
            layer = { "\(prefix)encoder.layer.\($0)." }
            query = "attention.self.query"
            key = "attention.self.key"
            value = "attention.self.value"
            attentionOutput = "attention.output.dense"
            attentionNorm = "attention.output.LayerNorm"
            up = "intermediate.dense"
            down = "output.dense"
            outputNorm = "output.LayerNorm"
        case .distilBERT:
            words = prefix + "embeddings.word_embeddings.weight"
            positions = prefix + "embeddings.position_embeddings.weight"
            tokenTypes = nil
            embeddingNorm = prefix + "embeddings.LayerNorm"
            layer = { "\(prefix)transformer.layer.\($0)." }
            query = "attention.q_lin"
            key = "attention.k_lin"
            value = "attention.v_lin"
            attentionOutput = "attention.out_lin"
            attentionNorm = "sa_layer_norm"
            up = "ffn.lin1"
            down = "ffn.lin2"
            outputNorm = "output_layer_norm"
        }
    }
}

/// The tensor names of a masked-language-model head; nil parts do not exist.
struct HeadNames {
    var transform: String?
    var norm: String?
    var decoderWeight: String
    /// The bias of a decoder tied to the word embeddings, and of one with its own weights.
    var tiedBias, ownBias: String?

    init(_ family: Architecture.Family) {
        switch family {
        case .bert:
            transform = "cls.predictions.transform.dense"
            norm = "cls.predictions.transform.LayerNorm"
            decoderWeight = "cls.predictions.decoder.weight"
            tiedBias = "cls.predictions.bias"
            ownBias = "cls.predictions.decoder.bias"
        case .distilBERT:
            transform = "vocab_transform"
            norm = "vocab_layer_norm"
            decoderWeight = "vocab_projector.weight"
            tiedBias = "vocab_projector.bias"
            ownBias = tiedBias
        case .roberta:
            transform = "lm_head.dense"
            norm = "lm_head.layer_norm"
            decoderWeight = "lm_head.decoder.weight"
            tiedBias = "lm_head.bias"
            ownBias = "lm_head.decoder.bias"
        case .modernBERT:
            transform = "head.dense"
            norm = "head.norm"
            decoderWeight = "decoder.weight"
            tiedBias = "decoder.bias"
            ownBias = tiedBias
        case .gte:
            transform = "lm_head.dense"
            norm = "lm_head.norm"
            decoderWeight = "lm_head.decoder.weight"
            tiedBias = "lm_head.decoder.bias"
            ownBias = tiedBias
        case .decoder: decoderWeight = "lm_head.weight"
        }
    }
}
