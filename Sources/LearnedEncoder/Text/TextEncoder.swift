import FileStorage
import ParallelWork
import TextAnalysis

/// One tokenizer and one transformer: the document side of a model, or its own query side.
///
/// Safe to share between threads; each running worker has its own buffers, which are kept for the next call.
final class TextEncoder: Sendable {
    let tokenizer: any Tokenizer
    let transformer: Transformer
    /// Size and CRC-32C of the weights, read when it is first asked for.
    let weights: DeferredText
    /// The weights as stored, for tables packed with them.
    let checkpoint: Checkpoint
    let workspaces: ObjectPool<Workspace>

    /// - Throws: ``EncoderError``.
    init(
        _ files: ModelFiles, _ route: ModuleList.Route, maximumLength: Int?, precision: Precision, level: KernelLevel,
        usesPanels: Bool
    ) throws(EncoderError) {
        // A missing config.json is said before missing weights.
        _ = try files.required(route.transformerFolder + "config.json")
        let file = try WeightFile(files, folder: route.transformerFolder)
        var configuration = try ModelConfiguration(files, route) { file.tensors[$0] != nil }
        if let maximumLength {
            let allowed = 3...max(3, configuration.positions)
            guard allowed.contains(maximumLength) else { throw .maximumLength(maximumLength, allowed: allowed) }
            configuration.statedLength = maximumLength
        }
        var checkpoint = Checkpoint(file: file, level: level)
        let precision = precision.resolved(isPacked: checkpoint.isPacked, level: level)
        weights = DeferredText { file.identity }
        if usesPanels {
            checkpoint.panels = try PanelFile(
                files, folder: configuration.folder, precision: precision, level: level, weights: weights)
        }
        self.checkpoint = checkpoint
        let (read, settings) = (checkpoint, configuration)
        let (words, weights) = try ParallelMap.both(
            { () throws(EncoderError) in try Self.tokenizer(files, settings) },
            { () throws(EncoderError) in try Transformer.load(files, read, settings, precision: precision) })
        tokenizer = words.tokenizer
        let transformer = Transformer(
            configuration: configuration, backbone: weights.backbone, head: weights.head, level: level,
            precision: precision, frame: words.frame)
        self.transformer = transformer
        workspaces = ObjectPool { transformer.makeWorkspace() }
        checkpoint.file.releasePages()
    }

    private static func tokenizer(_ files: ModelFiles, _ configuration: ModelConfiguration) throws(EncoderError)
        -> (tokenizer: any Tokenizer, frame: TextFrame)
    {
        let tokenizer = try TokenizerLoader.load(files, folder: configuration.folder, configuration)
        // Checkpoints may be padded with rows that no token uses, but not by many.
        guard (0...1024).contains(configuration.vocabularySize - tokenizer.vocabulary.count) else {
            throw .vocabularySize(
                model: files.location, tokenizer: tokenizer.vocabulary.count, checkpoint: configuration.vocabularySize)
        }
        let frame = TextFrame(tokenizer, echoSeparator: configuration.head.echoSeparator)
        // Special tokens are never cut: with a frame that fills every position, each vector would be empty.
        guard frame.overhead < configuration.maximumLength else {
            throw .noRoom(
                model: files.location, specialTokens: frame.overhead, maximumLength: configuration.maximumLength)
        }
        return (tokenizer, frame)
    }

    /// Writes the packed layers beside the weights, for later loads to map, and the screen of a head that has one.
    /// - Parameters:
    ///   - texts: What the screen is learned from; none is written without.
    ///   - isScreenOnly: Whether the layers are left out.
    /// - Returns: The file's path, and whether it holds a screen.
    /// - Throws: ``EncoderError/storage(_:)``.
    func writePanels(into folder: String, texts: [String], isScreenOnly: Bool, threads: Int) throws(EncoderError) -> (
        path: String, hasScreen: Bool
    ) {
        let path = folder + "/" + configuration.folder + PanelFile.name(transformer.precision, level: transformer.level)
        var screen: [(name: String, bytes: AlignedBuffer<UInt8>)] = []
        if !texts.isEmpty, case .language(let head) = transformer.head, let screening = head.screening {
            _ = encode(texts, threads: threads)
            screen = (screening.finished()?.stored ?? []).map { (head.decoder.name + $0.name, $0.bytes) }
        }
        if !(isScreenOnly && screen.isEmpty) {
            try PanelFile.write(
                isScreenOnly ? [] : transformer.namedLinears, screen: screen, to: path, weights: weights.value)
        }
        return (path, !screen.isEmpty)
    }

    var configuration: ModelConfiguration { transformer.configuration }

    /// Encodes texts in the order given; a text without any token gives an empty vector.
    func encode(_ texts: [String], threads: Int) -> [SparseVector] {
        let length = configuration.maximumLength
        let encodings = ParallelMap.map(count: texts.count, threads: threads, chunk: 16) { range in
            range.map { self.transformer.frame.encode(texts[$0], self.tokenizer, maximumLength: length) }
        }
        let batches = Batch.plan(
            lengths: encodings.map(\.ids.count), tokens: Workspace.batchTokens(configuration),
            overhead: transformer.frame.overhead)
        let results = ParallelMap.map(count: batches.count, threads: threads, chunk: 1) { range in
            self.workspaces.withObject { workspace in
                range.map { index in
                    self.transformer.encode(batches[index].map { encodings[$0].ids }, workspace)
                }
            }
        }
        var vectors = [SparseVector](repeating: SparseVector(), count: texts.count)
        for (batch, vectorsOfBatch) in zip(batches, results) {
            for (index, vector) in zip(batch, vectorsOfBatch) {
                vectors[index] = SparseVector(terms: vector.terms, weights: vector.weights)
            }
        }
        for (index, encoding) in encodings.enumerated() { vectors[index].isTruncated = encoding.isTruncated }
        return vectors
    }
}
