import ByteStrings
import CorpusFormats
import Foundation
import InvertedIndex

/// One build: reads batches, hands them to the writer, and decides when to commit.
///
/// An index is committed every minute while documents are added, so that a kill costs a minute; one that is built to replace
/// another is committed once, at its end.
struct BuildSession {
    private let builder: IndexBuilder
    private let plan: BuildPlan
    private let writer: IndexWriter
    private var pipeline: DocumentPipeline
    private var report = BuildReport()
    /// Documents that came in, new ones and new versions of old ones.
    private var taken = 0
    private var state = BuildProgress()
    /// Where the added documents came from, and those that were there already.
    private var places = InputPlaces()
    private var known = DuplicateIDs()
    /// Documents that go in the last commit, and then no document need come.
    private var leaving: [String]?
    private let clock = ContinuousClock()
    private let start = ContinuousClock.now
    private var merge: BackgroundMerge?
    private var lastCommit = ContinuousClock.now

    /// Large builds are committed before they are put in order, which takes minutes.
    private static let largeBuild = 50_000

    /// - Parameter leaving: Ids of documents to delete; nil for a build that must add something.
    init(_ builder: IndexBuilder, _ plan: BuildPlan, leaving: [String]? = nil) throws {
        self.builder = builder
        self.plan = plan
        writer = try plan.writer(
            profile: builder.profile, storesVectors: builder.storesVectors ?? false, memory: builder.memory)
        pipeline = DocumentPipeline(settings: plan.settings, encoder: plan.encoder, threads: builder.threads)
        report.warnings = plan.warnings
        self.leaving = leaving
    }

    /// - Throws: What reading, encoding or writing throws; in a ``PartlyBuilt`` where something was committed before.
    mutating func run(
        _ inputs: [(path: String, reader: InputReader)], _ progress: (BuildProgress) -> Void, _ isCancelled: () -> Bool
    ) async throws -> BuildReport {
        do {
            try await read(inputs, progress, isCancelled)
            if taken + report.skipped == 0, !report.interrupted, leaving == nil {
                throw ApusError.emptyCorpus(path: inputs.map(\.path).joined(separator: "', '"))
            }
            if !(report.interrupted && plan.isReplacing) { try await finish(progress) }
        } catch {
            guard report.committed > 0 else { throw error }
            throw PartlyBuilt(kept: report.committed, directory: builder.directory, cause: error)
        }
        report.warnings += await writer.warnings
        report.seconds = (clock.now - start).seconds
        return report
    }

    private mutating func read(
        _ inputs: [(path: String, reader: InputReader)], _ progress: (BuildProgress) -> Void, _ isCancelled: () -> Bool
    ) async throws {
        let sizes = inputs.compactMap(\.reader.totalBytes)
        state.totalBytes = sizes.count == inputs.count ? sizes.reduce(0, +) : nil
        var doneBytes = 0
        for (_, reader) in inputs {
            while !report.interrupted {
                guard let (batch, failure) = readBatch(reader, isCancelled) else {
                    report.interrupted = true
                    break
                }
                let new = try await withoutKnown(batch)
                if let failure { throw failure }
                if batch.isEmpty { break }
                guard try await add(new, isCancelled) else {
                    report.interrupted = true
                    break
                }
                state.documents = taken
                state.bytesRead = doneBytes + reader.bytesRead
                state.elapsed = clock.now - start
                progress(state)
                let hasScale = plan.settings.model == .none || taken >= IndexWriter.scaleSample
                if !plan.isReplacing, hasScale || plan.isAdding, clock.now - lastCommit > builder.commitInterval {
                    try await joinBeside()
                    await writer.setMetadata(plan.settings.metadata)  // Not complete.
                    try await commit()
                }
                report.interrupted = isCancelled()
            }
            doneBytes += reader.totalBytes ?? reader.bytesRead
            report.notes += reader.notes
        }
    }

    /// - Returns: The documents, and what ended them before their time; nil when the build was cancelled while the input was silent.
    private func readBatch(
        _ reader: InputReader, _ isCancelled: () -> Bool
    ) -> (documents: [CorpusDocument], failure: (any Error)?)? {
        // A batch is what Ctrl-C waits for: with an encoder about a second's work, and passages are encoded to the last token.
        let limit = plan.encoder == nil ? builder.batchSize : min(builder.batchSize, 128)
        let byteLimit = plan.settings.passages == nil ? min(4 << 20, builder.memory / 64) : 256 << 10
        var batch: [CorpusDocument] = []
        var bytes = 0
        let began = clock.now
        while batch.count < limit, bytes < byteLimit {
            // Some documents are converted by other programs, one after another.
            if !batch.isEmpty, clock.now - began > .seconds(1), isCancelled() { break }
            let input: CorpusDocument?
            do { input = try reader.next() } catch FormatError.io(_, _, EINTR) {
                if isCancelled() { return nil }
                continue
            } catch { return (batch, error) }
            guard let input else { break }
            bytes += input.text.utf8.count
            batch.append(input)
        }
        return (batch, nil)
    }

    /// The documents that are not in the index yet; all of them where they take the places of others.
    private mutating func withoutKnown(_ batch: [CorpusDocument]) async throws -> [CorpusDocument] {
        let (positions, total) = await writer.positions(of: batch.map(\.id))
        var new: [CorpusDocument] = []
        var inBatch: [ByteString: Int] = [:]
        for (input, position) in zip(batch, positions) {
            let (id, line) = (input.id, input.line)
            // The documents of this build are the last ones of the index.
            let ordinal = position.map { $0 - (total - places.count) }
            let first = inBatch[ByteString(id)].map { (path: new[$0].path, line: new[$0].line) }
            if let first = first ?? ordinal.flatMap({ places.place(of: $0) }) {
                throw FormatError.duplicate(
                    path: input.path, line: line, what: "the id '\(id)'", firstPath: first.path, firstLine: first.line)
            }
            if position != nil, builder.existing != .update {
                try known.insert(id, path: input.path, line: line)
                guard builder.existing == .resume else {
                    throw ApusError.alreadyIndexed(id: id, path: input.path, line: line)
                }
                report.skipped += 1
                continue
            }
            inBatch[ByteString(id)] = new.count
            new.append(input)
        }
        return new
    }

    /// - Returns: Whether the documents were added; not when the build was cancelled while they were encoded.
    private mutating func add(_ inputs: [CorpusDocument], _ isCancelled: () -> Bool) async throws -> Bool {
        guard !inputs.isEmpty else { return true }
        guard let batch = try pipeline.process(inputs, isCancelled: isCancelled) else { return false }
        await writer.appendVocabulary(batch.freshTerms)
        if builder.existing == .update {
            report.replaced += try await writer.update(batch.documents)
        } else {
            try await writer.add(batch.documents, areNew: true)
        }
        for input in inputs { places.append(path: input.path, line: input.line) }
        taken += batch.documents.count
        report.added = taken - report.replaced
        report.empty += batch.empty
        report.truncated += batch.truncated
        report.split += batch.split
        report.passages += batch.passages
        return true
    }

    /// Takes what was joined beside the build, and begins to join what has come since.
    private mutating func joinBeside() async throws {
        if let merge, !merge.isDone { return }
        try await endJoining()
        if let task = await writer.beginMerge(reorder: false) { merge = BackgroundMerge(task) }
    }

    private mutating func endJoining() async throws {
        guard let running = merge else { return }
        merge = nil
        try await running.end(writer)
    }

    private mutating func finish(_ progress: (BuildProgress) -> Void) async throws {
        try await endJoining()
        if !report.interrupted {
            // What nothing of is written yet took less than a minute to read.
            if !plan.isReplacing, taken >= Self.largeBuild, await writer.segmentCount > 0 {
                await writer.setMetadata(plan.settings.metadata)
                try await commit()
            }
            if let leaving, !leaving.isEmpty { report.deleted = try await writer.delete(leaving).count { $0 } }
            state.isMerging = true
            progress(state)
            if plan.isWhole {
                try await writer.merge(to: 1, reorder: builder.reorders)
                let segments = await writer.segmentCount
                if segments > 1 {
                    report.notes.append(
                        "\(segments) segments stay apart, as joining them takes more memory than was given; "
                            + "'apus merge \(builder.directory)' joins them.")
                }
            } else {
                try await writer.mergeAsNeeded(reorder: builder.reorders)
            }
        }
        var settings = plan.settings
        settings.isComplete = !report.interrupted
        await writer.setMetadata(settings.metadata)
        let snapshot = try await commit()
        report.documents = snapshot.documentCount
        report.clipped = snapshot.clippedWeights
    }

    @discardableResult private mutating func commit() async throws -> IndexSnapshot {
        // A commit of an unfinished build is of no use beside a later one, and as large as the index.
        let snapshot = try await writer.commit(keepsFormer: !plan.isWhole || plan.isReplacing)
        report.committed = taken
        report.commit = snapshot.generation
        report.segments = snapshot.segmentCount
        lastCommit = clock.now
        return snapshot
    }
}

/// A build that failed after some of its documents had been committed.
public struct PartlyBuilt: Error, CustomStringConvertible {
    /// Documents of this build that stay.
    public let kept: Int
    /// The index.
    public let directory: String
    /// What went wrong.
    public let cause: any Error
    /// How to go on.
    public var remedy = "go on with --resume"

    /// One line: what happened, what stays, and what to do.
    public var description: String {
        "\(cause) The \(kept == 1 ? "document" : "\(kept) documents") committed before \(kept == 1 ? "stays" : "stay") in '\(directory)'; "
            + "\(remedy)."
    }
}
