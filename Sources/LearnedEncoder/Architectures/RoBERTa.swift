/// RoBERTa and XLM-R: BERT with other positions, which start after the padding's id.
///
/// Sources: Liu et al., 2019 ([arXiv:1907.11692](https://arxiv.org/abs/1907.11692)); Conneau et al., 2020
/// ([arXiv:1911.02116](https://arxiv.org/abs/1911.02116)).
enum RoBERTa: Architecture {
    static let classes = [
        ModelClass(name: "RobertaForMaskedLM", type: "roberta", architecture: RoBERTa.self),
        ModelClass(name: "XLMRobertaForMaskedLM", type: "xlm-roberta", architecture: RoBERTa.self),
        ModelClass(name: "RobertaModel", architecture: RoBERTa.self),
        ModelClass(name: "XLMRobertaModel", architecture: RoBERTa.self),
    ]
    static let head = HeadNames(
        transform: "lm_head.dense", norm: "lm_head.layer_norm", decoderWeight: "lm_head.decoder.weight",
        tiedBias: "lm_head.bias", ownBias: "lm_head.decoder.bias")
    static let keys = BERT.keys

    static func names(of model: ModelClass) -> BackboneNames {
        BERT.names(stem: "roberta.")
    }

    static func read(_ json: JSONFile, into model: inout ModelConfiguration) throws(EncoderError) {
        try model.requireAbsolutePositions(json)
        model.normEpsilon = Float(json.number("layer_norm_eps") ?? 1e-12)
        let padding = json.number("pad_token_id") ?? 1
        let positions = model.positions
        model.positionOffset = padding >= 0 && padding < Double(positions) ? Int(padding) + 1 : positions
        guard model.positionOffset < positions else {
            throw .malformed(path: json.path, detail: "pad_token_id leaves none of the \(positions) positions")
        }
        model.positions -= model.positionOffset
        try model.readActivation(json, "hidden_act")
    }
}
