import CApusKernels

/// The k largest latent dimensions of one dense vector: relu(topk(W (x − p) + b)).
///
/// Source: Wen et al., "Beyond Matryoshka", 2025 ([arXiv:2503.01776](https://arxiv.org/abs/2503.01776)), as sentence-transformers'
/// SparseAutoEncoder computes it. Terms are latent dimensions.
struct AutoencoderHead: Sendable {
    let settings: AutoencoderSettings
    /// Latent dimensions.
    let dimensions: Int
    let encoder: PackedLinear
    private let preBias: AlignedBuffer<Float>
    private let active: Int
    private let standardises: Bool
    /// Size and CRC-32C of the autoencoder's weights, read when it is first asked for.
    let identity: DeferredText

    /// - Throws: ``EncoderError``, naming what is missing or misshapen.
    init(
        _ files: ModelFiles, _ settings: AutoencoderSettings, hidden: Int, precision: Precision, level: KernelLevel
    ) throws(EncoderError) {
        self.settings = settings
        let json = try JSONFile(files.required(settings.folder + "config.json"))
        guard try json.size("input_dim") == hidden else {
            throw .malformed(path: json.path, detail: "input_dim is not \(hidden), the width of the hidden states")
        }
        dimensions = try json.size("hidden_dim")
        active = min(try json.size("k"), dimensions)
        standardises = json.bool("normalize") ?? false
        let checkpoint = Checkpoint(file: try WeightFile(files, folder: settings.folder), level: level)
        let file = checkpoint.file
        identity = DeferredText { file.identity }
        preBias = try checkpoint.vector("pre_bias", count: hidden)
        // The decoder is the encoder transposed; of two names for one tensor, only one is stored.
        let name = checkpoint.has("encoder.weight") ? "encoder.weight" : "decoder.linear.weight"
        encoder = try PackedLinear(
            [
                (
                    try checkpoint.matrix(name, rows: dimensions, columns: hidden),
                    try checkpoint.vector("latent_bias", count: dimensions)
                )
            ], precision: precision, level: level)
    }

    /// The vector of each text, whose hidden states lie one after the other in `workspace.hidden`.
    func encode(_ texts: [[Int32]], _ configuration: ModelConfiguration, _ steps: LayerPrimitives) -> [(
        terms: [UInt32], weights: [Float]
    )] {
        let workspace = steps.workspace
        var row = 0
        for (text, ids) in texts.enumerated() {
            let dense = densify(row, ids.count, configuration.hiddenSize, workspace)
            for (k, value) in dense.enumerated() {
                unsafe workspace.output.pointer[text * workspace.stride + k] = value
            }
            row += ids.count
        }
        let latents = unsafe workspace.pooled.pointer
        unsafe steps.apply(encoder, workspace.output.pointer, workspace.stride, texts.count, to: latents)
        return (0..<texts.count).map { unsafe largest(latents + $0 * encoder.columns) }
    }

    private func densify(_ first: Int, _ count: Int, _ width: Int, _ workspace: Workspace) -> [Float] {
        guard count > 0 else { return [Float](repeating: 0, count: width) }
        func state(_ row: Int, _ k: Int) -> Float {
            unsafe workspace.hidden.pointer[(first + row) * workspace.stride + k]
        }
        var dense = (0..<width).map { k in
            switch settings.pooling {
            case .first: state(0, k)
            case .last: state(count - 1, k)
            case .mean: (0..<count).reduce(0) { $0 + state($1, k) } / Float(count)
            }
        }
        if settings.normalizes {
            let length = dense.reduce(0) { $0 + $1 * $1 }.squareRoot()
            dense = dense.map { $0 / max(length, 1e-12) }
        }
        if standardises {
            let mean = dense.reduce(0, +) / Float(width)
            let deviation = (dense.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(max(1, width - 1))).squareRoot()
            dense = dense.map { ($0 - mean) / (deviation + 1e-5) }
        }
        return dense.enumerated().map { unsafe $1 - preBias.pointer[$0] }
    }

    private func largest(_ latents: UnsafePointer<Float>) -> (terms: [UInt32], weights: [Float]) {
        let order = (0..<dimensions).sorted { unsafe (latents[$1], $0) < (latents[$0], $1) }
        let terms = order.prefix(active).filter { unsafe latents[$0] > 0 }.sorted()
        return (terms.map { UInt32($0) }, terms.map { unsafe latents[$0] })
    }
}
