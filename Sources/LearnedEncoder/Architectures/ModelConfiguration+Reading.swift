/// What several families read alike.
extension ModelConfiguration {
    /// Whether each token sees only those before it.
    var isCausal: Bool { head.isCausal ?? modelClass.architecture.isCausal }

    /// - Throws: ``EncoderError/unsupported(path:kind:name:known:)``.
    func requirePositionEmbedding(_ json: JSONFile, _ expected: String) throws(EncoderError) {
        if let kind = json.string("position_embedding_type"), kind != expected {
            throw json.unsupported("position embedding", kind, known: [expected])
        }
    }

    /// - Throws: ``EncoderError/unsupported(path:kind:name:known:)`` for relative positions, and for an encoder that is made
    ///   a decoder: as such these see only what comes before a token, and with other tensors.
    func requireAbsolutePositions(_ json: JSONFile) throws(EncoderError) {
        try requirePositionEmbedding(json, "absolute")
        for key in ["is_decoder", "add_cross_attention"] where json.bool(key) == true {
            throw json.unsupported("setting", "\(key): true", known: ["false"])
        }
    }

    /// The activation of an inner layer without a gate, whose attention looks both ways.
    /// - Throws: ``EncoderError/unsupported(path:kind:name:known:)``.
    mutating func readActivation(_ json: JSONFile, _ key: String) throws(EncoderError) {
        if isCausal { throw json.unsupported("attention", "causal", known: ["bidirectional"]) }
        let name = json.string(key) ?? "gelu"
        guard let activation = Activation(rawValue: name) else {
            throw json.unsupported("activation", name, known: Activation.allCases.map(\.rawValue))
        }
        self.activation = activation
    }

    /// The angles of all positions are computed, so there must not be absurdly many.
    /// - Throws: ``EncoderError/malformed(path:detail:)``.
    func requirePositions(_ json: JSONFile, below limit: Int) throws(EncoderError) {
        guard positions <= limit else {
            throw .malformed(path: json.path, detail: "\(positions) positions are more than any model has")
        }
    }
}
