import CorpusFormats
import FileStorage
import Foundation
public import LearnedEncoder

/// Gives a model the inference-free query table that a collection's own documents suggest, without training, where a check on
/// these documents says that it helps.
///
/// Document vectors and the siamese query side stay as they are, so an index need not be built again. `Scripts/train/RUNS.md`
/// has collections that a new table harms; the check is there for them.
public struct ModelAdaptation: Sendable {
    /// Shares of idf that are tried.
    public static let shares = [0.25, 0.5, 0.75, 1]

    /// The model to start from.
    public var files: ModelFiles
    /// The folder to make.
    public var output: String
    /// The idf's share of the new table; nil lets the check choose.
    public var share: Double?
    /// Whether the table is written whatever the check says.
    public var force = false
    /// The power of idf that searches multiply learned query weights with, as the check does.
    public var idfPower = 0.0
    /// Threads that cut documents into tokens and encode.
    public var threads = ProcessInfo.processInfo.activeProcessorCount

    /// An adaptation of the model in `files`, to be written as the folder `output`.
    public init(_ files: ModelFiles, output: String) {
        self.files = files
        self.output = output
    }

    /// Counts the collection's tokens, checks, and writes the model if it is better; the folder appears when it is whole.
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
        guard let (frequencies, sample) = try read(collection, encoder, progress, isCancelled) else { return nil }
        guard frequencies.documents > 0 else { throw ApusError.emptyCorpus(path: collection) }
        var check: Check?
        if let today = encoder.queryTable {
            let found = try AdaptationCheck(
                sample, encoder, idfPower: idfPower, seed: Self.seed, threads: threads, isCancelled: isCancelled)
            guard let found else { return nil }
            let candidates = (share.map { [$0] } ?? Self.shares).map {
                (share: $0, table: QueryTableCopy.table(encoder, idf: frequencies, share: $0))
            }
            check = try found.result(today: today, candidates: candidates)
        }
        if isCancelled() { return nil }
        var report = Report(
            documents: frequencies.documents, tokens: frequencies.tokens, isFirstTable: check == nil,
            share: check?.share ?? 1, check: check)
        if force || check?.isConfirmed ?? true {
            let copy = try QueryTableCopy(files, encoder, idf: frequencies, share: report.share)
            guard let made = try write(copy, isCancelled) else { return nil }
            (report.model, report.identity) = made
        }
        return report
    }

    private static let seed: UInt64 = 20

    private func write(_ copy: QueryTableCopy, _ isCancelled: () -> Bool) throws -> (String, String)? {
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
        return (name, adapted.description.identity)
    }

    private func read(
        _ collection: String, _ encoder: SparseEncoder, _ progress: (BuildProgress) -> Void, _ isCancelled: () -> Bool
    ) throws -> (TokenFrequencies, [CorpusDocument])? {
        let reader = try CorpusReader(path: collection)
        let start = ContinuousClock.now
        var frequencies = TokenFrequencies()
        var sample = DocumentSample(most: AdaptationCheck.mostDocuments, seed: Self.seed)
        var state = BuildProgress()
        state.totalBytes = reader.totalBytes
        while true {
            let batch: [CorpusDocument]
            do { batch = try readBatch(reader) } catch FormatError.io(_, _, EINTR) where isCancelled() { return nil }
            if batch.isEmpty { return (frequencies, sample.documents) }
            encoder.count(batch.map(\.content), into: &frequencies, threads: threads)
            for document in batch { sample.add(document) }
            state.documents = frequencies.documents
            state.bytesRead = reader.bytesRead
            state.elapsed = ContinuousClock.now - start
            progress(state)
            if isCancelled() { return nil }
        }
    }

    private func readBatch(_ reader: CorpusReader) throws -> [CorpusDocument] {
        var batch: [CorpusDocument] = []
        var bytes = 0
        while batch.count < 1024, bytes < 4 << 20, let document = try reader.next() {
            batch.append(document)
            bytes += document.content.utf8.count
        }
        return batch
    }
}
