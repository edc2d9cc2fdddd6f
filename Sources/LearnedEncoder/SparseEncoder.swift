import TextAnalysis

/// A learned sparse model: text in, vocabulary terms with weights out. Safe to share between threads.
///
///     let encoder = try SparseEncoder(ModelFiles(folder: "Models/splade"))
///     let documents = try encoder.encodeDocuments(["stars shine by fusion"], threads: 4)
///     let query = try encoder.encodeQuery("why do stars shine", side: .siamese)
///     print(query.heaviestFirst.map { encoder.vocabulary[Int(query.terms[$0])] })
///     print(documents[0].terms.count)
public final class SparseEncoder: Sendable {
    /// What was understood of the model.
    public let description: ModelDescription
    /// The token of each term id; rows of the checkpoint that no token uses are called `[row 123]`.
    public let vocabulary: [String]
    let documents: TextEncoder
    /// The encoder of the siamese query side: usually ``documents``; nil when queries only have a table.
    let queries: TextEncoder?
    private let table: InferenceFreeTable?
    /// What cuts a query for ``table``.
    private let tableTokenizer: any Tokenizer
    private let blend: QueryBlend?
    /// What stands before queries and documents.
    let prompts: Prompts

    /// Loads a model.
    /// - Parameters:
    ///   - files: Its folder or embedded files.
    ///   - maximumLength: Tokens of the longest text, [CLS] and [SEP] included; nil for what the model states.
    ///   - precision: The arithmetic of the matrix products.
    ///   - usesPanels: Whether layers that `apus model pack` stored are mapped; false packs the weights anew.
    /// - Throws: ``EncoderError``.
    public convenience init(
        _ files: ModelFiles, maximumLength: Int? = nil, precision: Precision = .automatic, usesPanels: Bool = true
    ) throws(EncoderError) {
        try self.init(
            files, maximumLength: maximumLength, precision: precision, level: KernelLevel.current(),
            usesPanels: usesPanels)
    }

    /// As the public initialiser, with the instruction set given.
    init(
        _ files: ModelFiles, maximumLength: Int?, precision: Precision, level: KernelLevel, usesPanels: Bool = true
    ) throws(EncoderError) {
        let modules = try ModuleList(files)
        documents = try TextEncoder(
            files, modules.document, maximumLength: maximumLength, precision: precision, level: level,
            usesPanels: usesPanels)
        prompts = try Prompts.read(files).prompts
        let configuration = documents.configuration
        let tokens = documents.tokenizer.vocabulary
        // What the identity is made of, in order; weights are read when it is first asked for.
        var parts = [documents.weights, DeferredText(documents.tokenizer.identity)]
        if case .autoencoder(let head) = documents.transformer.head {
            parts += [DeferredText("+"), head.identity]
            vocabulary = (0..<documents.transformer.terms).map { "\($0)" }
        } else {
            vocabulary = tokens + (tokens.count..<configuration.vocabularySize).map { "[row \($0)]" }
        }
        switch modules.query {
        case .sameAsDocument:
            queries = documents
            table = try InferenceFreeTable(
                files, documents.checkpoint, vocabulary: tokens, rows: configuration.vocabularySize)
            tableTokenizer = documents.tokenizer
            if let table, !documents.checkpoint.has(InferenceFreeTable.tensorName) {
                parts.append(DeferredText("+idf-" + table.identity))
            }
        case .encoder(let route):
            // Queries are short, so a shorter maximum length of their own encoder stays as it is.
            let encoder = try TextEncoder(
                files, route, maximumLength: nil, precision: precision, level: level, usesPanels: usesPanels)
            guard encoder.tokenizer.hasTokens(tokens) else {
                throw .vocabularySize(
                    model: files.location + "/" + route.transformerFolder,
                    tokenizer: encoder.tokenizer.vocabulary.count, checkpoint: configuration.vocabularySize)
            }
            queries = encoder
            table = nil
            tableTokenizer = documents.tokenizer
            parts += [DeferredText("+"), encoder.weights, DeferredText(encoder.tokenizer.identity)]
        case .table(let folder):
            let file = try WeightFile(files, folder: folder)
            queries = nil
            table = try InferenceFreeTable(
                Checkpoint(file: file, level: level), tensor: "weight", rows: configuration.vocabularySize)
            tableTokenizer = try TokenizerLoader.load(
                queries: folder, files, configuration, documents: documents.tokenizer)
            parts += [DeferredText("+"), DeferredText { file.identity }]
            if tableTokenizer.applied != documents.tokenizer.applied {
                parts.append(DeferredText(tableTokenizer.identity))
            }
        }
        parts.append(DeferredText(prompts.identity))
        let identity = parts
        var sides: [QuerySide] = []
        if queries != nil { sides.append(.siamese) }
        if table != nil { sides.append(.inferenceFree) }
        blend = try QueryBlend(files)
        if blend != nil {
            guard sides == [.siamese, .inferenceFree] else {
                throw .malformed(
                    path: files.location + "/" + HeadSettings.fileName,
                    detail: "a blended query needs the siamese side and a table (idf.json); there is only "
                        + sides.map(\.rawValue).joined())
            }
            sides.append(.blended)
        }
        description = ModelDescription(
            name: files.name, architecture: configuration.modelClass.name, layers: configuration.layers,
            hiddenSize: configuration.hiddenSize, pooling: configuration.pooling,
            activation: ScoreActivation.label(logarithms: configuration.logarithms),
            specialTokenPolicy: configuration.head.specialTokenPolicy,
            maximumLength: configuration.maximumLength, vocabularySize: documents.transformer.terms,
            deferredIdentity: DeferredText { identity.map(\.value).joined() }, querySides: sides,
            preferredQuerySide: try QuerySide.preferred(by: files, of: sides),
            precision: documents.transformer.precision, kernels: level.name)
    }

    /// Encodes documents; a text without any token gives an empty vector.
    /// - Parameters:
    ///   - texts: Any lengths; long and short texts may be mixed.
    ///   - threads: Workers, at least 1.
    /// - Returns: One vector per text, in the order of `texts`.
    /// - Throws: ``EncoderError``.
    /// - Complexity: O(tokens × parameters) time; memory does not grow with the vocabulary times the tokens.
    public func encodeDocuments(_ texts: [String], threads: Int) throws(EncoderError) -> [SparseVector] {
        documents.encode(prompts.documents(texts), threads: threads)
    }

    /// Encodes documents passage by passage, so that no text is cut; a text that fits in one passage is one.
    /// - Parameters:
    ///   - texts: Any lengths.
    ///   - passages: As ``checked(_:)`` gave it.
    ///   - threads: Workers, at least 1.
    ///   - isCancelled: Asked every few thousand tokens.
    /// - Returns: One vector per text, in the order of `texts`, or nil when cancelled.
    /// - Throws: ``EncoderError``.
    /// - Complexity: As ``encodeDocuments(_:threads:)``, times `length / stride` where passages overlap.
    public func encodeDocuments(
        _ texts: [String], passages: PassageSplit, threads: Int, isCancelled: () -> Bool = { false }
    ) throws(EncoderError) -> [SparseVector]? {
        var vectors = documents.encode(
            prompts.documents(texts), try checked(passages), threads: threads, isCancelled: isCancelled)
        let prompt = prompts.document.utf8.count
        guard prompt > 0 else { return vectors }
        for text in vectors?.indices ?? 0..<0 {
            for part in vectors?[text].parts.indices ?? 0..<0 {
                let bytes = vectors?[text].parts[part].bytes
                vectors?[text].parts[part].bytes = bytes.map {
                    max(0, $0.lowerBound - prompt)..<max(0, $0.upperBound - prompt)
                }
            }
        }
        return vectors
    }

    /// The split with the stride that this model's passages have: at most their own tokens, so that no token is skipped.
    /// - Throws: ``EncoderError/passageLength(_:allowed:)`` beyond what the model reads at once,
    ///   ``EncoderError/passageStride(_:allowed:)``.
    public func checked(_ split: PassageSplit) throws(EncoderError) -> PassageSplit {
        let frame = documents.transformer.frame
        let longest = description.maximumLength
        let allowed = min(longest, frame.count(own: 1))...longest
        guard allowed.contains(split.length) else { throw .passageLength(split.length, allowed: allowed) }
        let room = frame.room(split.length)
        if let stride = split.stride, !(1...split.length).contains(stride) {
            throw .passageStride(stride, allowed: 1...split.length)
        }
        var checked = split
        checked.stride = min(split.stride ?? room, room)
        return checked
    }

    /// Encodes a query; a query without any token gives an empty vector.
    ///
    /// The encoder reads no more than ``ModelDescription/maximumLength`` tokens of a siamese or blended query, and the vector
    /// says whether that was not all; a table reads every token.
    /// - Throws: ``EncoderError/noQuerySide(model:side:available:)``.
    public func encodeQuery(_ text: String, side: QuerySide) throws(EncoderError) -> SparseVector {
        switch side {
        case .siamese:
            guard let queries else { throw missing(side) }
            return queries.encode([prompts.query + text], threads: 1).first ?? SparseVector()
        case .inferenceFree:
            guard let table else { throw missing(side) }
            let vector = table.vector(tableIDs(text))
            return SparseVector(terms: vector.terms, weights: vector.weights)
        case .blended:
            guard let blend else { throw missing(side) }
            return blend.vector(
                siamese: try encodeQuery(text, side: .siamese), table: try encodeQuery(text, side: .inferenceFree))
        }
    }

    /// Encodes queries together, which takes less time for each than one by one; every vector is that of ``encodeQuery(_:side:)``.
    /// - Parameter threads: Workers, at least 1.
    /// - Throws: ``EncoderError/noQuerySide(model:side:available:)``.
    public func encodeQueries(_ texts: [String], side: QuerySide, threads: Int) throws(EncoderError) -> [SparseVector] {
        switch side {
        case .siamese:
            guard let queries else { throw missing(side) }
            return queries.encode(texts.map { prompts.query + $0 }, threads: threads)
        case .inferenceFree:
            var vectors: [SparseVector] = []
            for text in texts { vectors.append(try encodeQuery(text, side: side)) }
            return vectors
        case .blended:
            guard let blend else { throw missing(side) }
            let siamese = try encodeQueries(texts, side: .siamese, threads: threads)
            let table = try encodeQueries(texts, side: .inferenceFree, threads: threads)
            return zip(siamese, table).map { blend.vector(siamese: $0, table: $1) }
        }
    }

    private func tableIDs(_ text: String) -> [Int32] {
        tableTokenizer.encode(prompts.query + text, maximumLength: nil, addingSpecialTokens: false).ids
    }

    /// The weight of each term in an inference-free query; nil where the model has no such side.
    public var queryTable: [Float]? { table?.weights }

    /// The distinct terms that an inference-free query of the text looks up, whatever the table says of them.
    public func tableTerms(_ text: String) -> [UInt32] { Set(tableIDs(text)).sorted().map(UInt32.init) }

    /// Writes the packed layers of every encoder of the model into its folder, so that later loads with this precision map
    /// them instead of packing them anew.
    /// - Parameters:
    ///   - folder: The folder that the model was loaded from.
    ///   - texts: What the screen of a language head is learned from, tens of thousands of words; without any, each process
    ///     learns one from what it reads first.
    ///   - isScreenOnly: Whether the screen alone is stored, a fifth of the size, and the weights are packed at each load; nothing
    ///     is written where there is none.
    ///   - threads: To encode the texts on.
    /// - Returns: The files' paths, each with whether it holds a screen.
    /// - Throws: ``EncoderError/storage(_:)``.
    public func writePanels(
        into folder: String, texts: [String] = [], isScreenOnly: Bool = false, threads: Int = 1
    ) throws(EncoderError) -> [(path: String, hasScreen: Bool)] {
        func write(_ encoder: TextEncoder) throws(EncoderError) -> (path: String, hasScreen: Bool) {
            try encoder.writePanels(into: folder, texts: texts, isScreenOnly: isScreenOnly, threads: threads)
        }
        var files = [try write(documents)]
        if let queries, queries !== documents { files.append(try write(queries)) }
        return files
    }

    /// Whether the terms of document vectors are tokens; latent dimensions stand for none.
    public var hasTokenTerms: Bool { if case .autoencoder = documents.transformer.head { false } else { true } }

    /// The ids of the text's own tokens, to tell typed terms from expanded ones.
    public func typedTerms(_ text: String) -> Set<UInt32> {
        guard hasTokenTerms else { return [] }
        return Set(
            documents.tokenizer.encode(text, maximumLength: nil, addingSpecialTokens: false).ids.map(UInt32.init))
    }

    private func missing(_ side: QuerySide) -> EncoderError {
        .noQuerySide(model: description.name, side: side, available: description.querySides)
    }
}
