import CApusKernels

/// A backbone that turns tokens into hidden states, and a head that turns those into weights of terms.
struct Transformer: Sendable {
    enum Backbone: Sendable {
        case absolute(AbsoluteLayers)
        case rotary(RotaryLayers)
        /// The head looks at the tokens only.
        case none
    }

    enum Head: Sendable {
        case language(LanguageHead)
        case tokenWeight(TokenWeightHead)
        case binary(scale: Float)
        case autoencoder(AutoencoderHead)
    }

    let configuration: ModelConfiguration
    let backbone: Backbone
    let head: Head
    let level: KernelLevel
    let precision: Precision
    /// What the tokenizer puts around a text.
    let frame: TextFrame

    /// Reads, checks and packs the weights.
    /// - Throws: ``EncoderError``.
    static func load(
        _ files: ModelFiles, _ checkpoint: Checkpoint, _ configuration: ModelConfiguration, precision: Precision
    ) throws(EncoderError) -> (backbone: Backbone, head: Head) {
        let words: StoredMatrix
        let backbone: Backbone
        if case .binary(let scale) = configuration.head.kind { return (.none, .binary(scale: scale)) }
        if let rotary = configuration.rotary {
            let weights = try RotaryWeights(checkpoint, configuration, rotary, precision: precision)
            words = weights.words
            backbone = .rotary(RotaryLayers(configuration: configuration, settings: rotary, weights: weights))
        } else {
            let weights = try AbsoluteWeights(checkpoint, configuration, precision: precision)
            words = weights.words
            backbone = .absolute(AbsoluteLayers(configuration: configuration, weights: weights))
        }
        // A language head packs and so checks the embeddings, or checks them itself.
        if case .language = configuration.head.kind {
        } else if case .classLanguage = configuration.head.kind {
        } else {
            try LayerLoader(checkpoint: checkpoint, precision: precision).checkFinite(words)
        }
        switch configuration.head.kind {
        case .tokenWeight(let layers):
            var source = checkpoint
            if let name = configuration.head.headFile {
                let file = try WeightFile(files, torchFile: configuration.folder + name)
                source = Checkpoint(file: file, level: checkpoint.level)
            }
            return (
                backbone,
                .tokenWeight(try TokenWeightHead(source, names: layers, hidden: configuration.hiddenSize))
            )
        case .autoencoder(let settings):
            let head = try AutoencoderHead(
                files, settings, hidden: configuration.hiddenSize, precision: precision, level: checkpoint.level)
            return (backbone, .autoencoder(head))
        default:
            let head = try LanguageHead(checkpoint, configuration, words: words, precision: precision)
            return (backbone, .language(head))
        }
    }

    /// Terms, that is dimensions of a vector.
    var terms: Int { if case .autoencoder(let head) = head { head.dimensions } else { configuration.vocabularySize } }

    /// The layers whose packed form can be stored: those of the backbone and of a language head.
    var namedLinears: [PackedLinear] {
        var linears: [PackedLinear]
        switch backbone {
        case .absolute(let layers): linears = layers.weights.linears
        case .rotary(let layers): linears = layers.weights.linears
        case .none: linears = []
        }
        if case .language(let head) = head { linears += head.linears }
        return linears
    }

    /// A worker's buffers.
    func makeWorkspace() -> Workspace {
        var linears = namedLinears
        var pooledColumns = 0
        switch head {
        case .language:
            pooledColumns = terms
        case .autoencoder(let head):
            linears.append(head.encoder)
            pooledColumns = terms
        case .tokenWeight, .binary: break
        }
        let hasStates = if case .none = backbone { false } else { true }
        return Workspace(
            configuration, hasStates: hasStates, longestText: configuration.maximumLength,
            quantisedBytes: linears.reduce(0) { max($0, $1.quantisedBytes) },
            pooledColumns: pooledColumns)
    }

    /// Encodes texts of at most `workspace.tokens` tokens and `workspace.texts` texts in total; ids below the vocabulary size.
    func encode(_ texts: [[Int32]], _ workspace: Workspace) -> [(terms: [UInt32], weights: [Float])] {
        precondition(texts.reduce(0) { $0 + $1.count } <= workspace.tokens && texts.count <= workspace.texts)
        let steps = LayerPrimitives(
            level: level, isRounded: precision != .f32, workspace: workspace, width: configuration.hiddenSize,
            epsilon: configuration.normEpsilon)
        let rows: Int
        switch backbone {
        case .absolute(let layers): rows = layers.run(texts, steps)
        case .rotary(let layers): rows = layers.run(texts, steps)
        case .none: rows = texts.reduce(0) { $0 + $1.count }
        }
        guard rows > 0 else { return texts.map { _ in ([], []) } }
        switch head {
        case .autoencoder(let head): return head.encode(texts, configuration, steps)
        case .language(let head):
            let kept = compact(texts, workspace)
            guard kept > 0 else { return texts.map { _ in ([], []) } }
            return head.pool(kept, texts: texts.count, configuration, steps).map(withoutSpecialTerms)
        case .tokenWeight(let head):
            let kept = compact(texts, workspace)
            let weights = kept == 0 ? [] : head.weights(kept, logarithms: configuration.logarithms, steps)
            var row = 0
            return texts.map { ids in
                let ids = ids[pooled(ids.count)]
                defer { row += ids.count }
                return withoutSpecialTerms(
                    TokenWeightHead.pool(ids, weights[row..<row + ids.count], configuration.pooling))
            }
        case .binary(let scale):
            return texts.map { ids in
                let terms = Set(ids[pooled(ids.count)]).map { UInt32($0) }.sorted()
                return withoutSpecialTerms((terms, terms.map { _ in scale }))
            }
        }
    }

    /// The positions of a text that the head sees.
    func pooled(_ count: Int) -> Range<Int> {
        if configuration.head.kind == .classLanguage { return 0..<min(1, count) }
        return frame.pooled(count, keepsSpecials: configuration.head.keepsSpecialPositions)
    }

    /// Moves the rows that the head sees to the front.
    /// - Returns: How many there are.
    func compact(_ texts: [[Int32]], _ workspace: Workspace) -> Int {
        let (stride, hidden) = unsafe (workspace.stride, workspace.hidden.pointer)
        var (from, to) = (0, 0)
        for (text, ids) in texts.enumerated() {
            for position in pooled(ids.count) {
                if from + position != to {
                    unsafe (hidden + to * stride).update(from: hidden + (from + position) * stride, count: stride)
                    unsafe workspace.textOfRow.pointer[to] = UInt32(text)
                }
                to += 1
            }
            from += ids.count
        }
        return to
    }

    func withoutSpecialTerms(_ vector: (terms: [UInt32], weights: [Float])) -> (
        terms: [UInt32], weights: [Float]
    ) {
        guard !configuration.head.keepsSpecialTerms else { return vector }
        let kept = vector.terms.indices.filter { !frame.specialIDs.contains(Int32(vector.terms[$0])) }
        return (kept.map { vector.terms[$0] }, kept.map { vector.weights[$0] })
    }
}
