import CorpusFormats
import FileStorage
import Foundation
public import LearnedEncoder

/// Gives a model the inference-free query table that a collection's own documents suggest, without training.
///
/// Document vectors and the siamese query side stay as they are, so an index need not be built again to try it. Whether it
/// helps depends on the collection; `Scripts/train/RUNS.md` has one that it harms.
public struct ModelAdaptation: Sendable {
    /// What was made.
    public struct Report: Sendable, Codable {
        /// The new model's folder.
        public var model: String
        /// Its identity.
        public var identity: String
        /// Documents counted.
        public var documents: Int
        /// Distinct tokens in them.
        public var tokens: Int
        /// Whether the model had no table before.
        public var isFirstTable: Bool
    }

    /// The model to start from.
    public var files: ModelFiles
    /// The folder to make.
    public var output: String
    /// Threads that cut documents into tokens.
    public var threads = ProcessInfo.processInfo.activeProcessorCount

    /// An adaptation of the model in `files`, to be written as the folder `output`.
    public init(_ files: ModelFiles, output: String) {
        self.files = files
        self.output = output
    }

    /// Counts the collection's tokens and writes the model; the folder appears when it is whole.
    /// - Parameters:
    ///   - collection: Documents as `apus index` reads them.
    ///   - progress: Called after each batch.
    ///   - isCancelled: Asked after each batch; when true, nothing is written.
    /// - Returns: Nil when cancelled.
    /// - Throws: ``ApusError``, `FormatError`, `EncoderError`, `StorageError`.
    public func run(
        idf collection: String, progress: (BuildProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws -> Report? {
        guard !FileManager.default.fileExists(atPath: output) else { throw ApusError.outputExists(path: output) }
        let encoder = try SparseEncoder(files)
        // A model that cannot have a table is refused before its collection is read.
        _ = try QueryTableCopy(files, encoder, idf: TokenFrequencies())
        guard let frequencies = try count(collection, encoder, progress, isCancelled) else { return nil }
        guard frequencies.documents > 0 else { throw ApusError.emptyCorpus(path: collection) }
        let copy = try QueryTableCopy(files, encoder, idf: frequencies)
        let name = output.count > 1 && output.hasSuffix("/") ? String(output.dropLast()) : output
        let temporary = name + ".tmp-" + String(UInt32.random(in: 0 ... .max), radix: 16)
        defer { try? FileManager.default.removeItem(atPath: temporary) }
        try Directory.create(temporary)
        try copy.write(to: temporary)
        let adapted = try SparseEncoder(ModelFiles(folder: temporary))
        if isCancelled() { return nil }
        do { try FileManager.default.moveItem(atPath: temporary, toPath: name) } catch {
            throw ApusError.outputExists(path: output)
        }
        try Directory.sync(Directory.parent(of: name))
        return Report(
            model: name, identity: adapted.description.identity, documents: frequencies.documents,
            tokens: frequencies.tokens, isFirstTable: !encoder.description.querySides.contains(.inferenceFree))
    }

    private func count(
        _ collection: String, _ encoder: SparseEncoder, _ progress: (BuildProgress) -> Void, _ isCancelled: () -> Bool
    ) throws -> TokenFrequencies? {
        let reader = try CorpusReader(path: collection)
        let start = ContinuousClock.now
        var frequencies = TokenFrequencies()
        var state = BuildProgress()
        state.totalBytes = reader.totalBytes
        while true {
            let texts: [String]
            do { texts = try readBatch(reader) } catch FormatError.io(_, _, EINTR) where isCancelled() { return nil }
            if texts.isEmpty { return frequencies }
            encoder.count(texts, into: &frequencies, threads: threads)
            state.documents = frequencies.documents
            state.bytesRead = reader.bytesRead
            state.elapsed = ContinuousClock.now - start
            progress(state)
            if isCancelled() { return nil }
        }
    }

    private func readBatch(_ reader: CorpusReader) throws -> [String] {
        var texts: [String] = []
        var bytes = 0
        while texts.count < 1024, bytes < 4 << 20, let document = try reader.next() {
            texts.append(document.content)
            bytes += document.content.utf8.count
        }
        return texts
    }
}
