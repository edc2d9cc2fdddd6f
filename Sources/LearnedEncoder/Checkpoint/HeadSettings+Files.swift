extension HeadSettings {
    /// The settings file of folders that no Hugging Face file describes:
    ///
    ///     {"architecture": "BertModel",            the class, where config.json has none that Apus knows
    ///      "head": "token-weight",                 mlm, cls-mlm, token-weight (also mlp, exp-mlp) or binary
    ///      "layers": ["tok_proj"],                 token-weight: its linear layers, a ReLU between them
    ///      "scale": 0.3,                           binary: the weight of every token
    ///      "pooling": "max",                       max or sum over positions of a term
    ///      "activation": "relu",                   relu, log1p-relu or log1p-log1p-relu
    ///      "special_positions": "drop",            keep or drop [CLS], [SEP] in pooling
    ///      "special_terms": "drop",                keep or drop special tokens as terms
    ///      "attention": "bidirectional",           decoders: causal or bidirectional
    ///      "echo": " ",                            reads the text twice, this between, and pools the second copy
    ///      "blended_query": {…},                   mixes both query sides; see ``QueryBlend``
    ///      "query_side": "inference-free"}         the side that is used unless another one is asked for
    ///
    /// Every key may be left out; a key or value that is not listed is refused by name.
    static let fileName = "apus.json"

    private static let keys = [
        "activation", "architecture", "attention", "blended_query", "echo", "head", "layers", "pooling", "query_side",
        "scale",
        "special_positions", "special_terms",
    ]

    /// - Throws: ``EncoderError``, naming what is unknown.
    mutating func read(_ files: ModelFiles, folder: String) throws(EncoderError) {
        if try files.bytes(folder + "sparse_linear.pt") != nil { setSparseLinear() }
        guard let bytes = try files.bytes(folder + Self.fileName) else { return }
        let json = try JSONFile(bytes)
        if let key = json.keys.sorted().first(where: { !Self.keys.contains($0) }) {
            throw json.unsupported("setting", key, known: Self.keys)
        }
        architecture = json.string("architecture") ?? architecture
        try readHead(json)
        if let name = try json.text("pooling") {
            guard let found = Pooling(rawValue: name) else {
                throw json.unsupported("pooling", name, known: Pooling.allCases.map(\.rawValue))
            }
            pooling = found
        }
        if let name = try json.text("activation") {
            guard let found = ScoreActivation(rawValue: name) else {
                throw json.unsupported("activation", name, known: ScoreActivation.allCases.map(\.rawValue))
            }
            logarithms = found.logarithms
        }
        func choice(_ key: String, _ yes: String, _ no: String) throws(EncoderError) -> Bool? {
            guard let name = try json.text(key) else { return nil }
            guard name == yes || name == no else { throw json.unsupported(key, name, known: [yes, no]) }
            return name == yes
        }
        keepsSpecialPositions = try choice("special_positions", "keep", "drop") ?? keepsSpecialPositions
        keepsSpecialTerms = try choice("special_terms", "keep", "drop") ?? keepsSpecialTerms
        isCausal = try choice("attention", "causal", "bidirectional") ?? isCausal
        echoSeparator = try json.text("echo") ?? echoSeparator
    }

    private mutating func readHead(_ json: JSONFile) throws(EncoderError) {
        guard let name = try json.text("head") else { return }
        switch name {
        case "mlm": kind = .language
        case "cls-mlm": kind = .classLanguage
        case "token-weight", "mlp", "exp-mlp":
            let layers = json.strings("layers")
            guard !layers.isEmpty else {
                throw .malformed(path: json.path, detail: "the head '\(name)' needs the names of its 'layers'")
            }
            setTokens(.tokenWeight(layers: layers))
            // Unified framework: w_t = log1p(relu(linear(h))).
            logarithms = name == "token-weight" ? 0 : 1
        case "binary":
            let scale = json.number("scale") ?? 1
            guard Float(scale) > 0, Float(scale).isFinite else {
                throw .malformed(path: json.path, detail: "'scale' must be above 0 and a usable weight")
            }
            setTokens(.binary(scale: Float(scale)))
            logarithms = 0
        default:
            throw json.unsupported(
                "head", name, known: ["mlm", "cls-mlm", "token-weight", "mlp", "exp-mlp", "binary"])
        }
    }

    /// Heads that weigh the text's own tokens leave the special ones out.
    private mutating func setTokens(_ kind: HeadKind) {
        self.kind = kind
        keepsSpecialPositions = false
        keepsSpecialTerms = false
    }

    /// BGE-M3: relu(w · h + b) per token, the largest per term
    /// (Chen et al., 2024, [arXiv:2402.03216](https://arxiv.org/abs/2402.03216), section 3.2).
    private mutating func setSparseLinear() {
        setTokens(.tokenWeight(layers: [""]))
        logarithms = 0
        headFile = "sparse_linear.pt"
    }

    /// Takes the head from the name of a class; false for a name that says nothing.
    mutating func set(className: String) -> Bool {
        guard let known = Architectures.all.flatMap({ $0.tokenWeightClasses }).first(where: { $0.name == className })
        else { return false }
        setTokens(.tokenWeight(layers: known.layers))
        logarithms = 0
        architecture = known.base
        return true
    }
}
