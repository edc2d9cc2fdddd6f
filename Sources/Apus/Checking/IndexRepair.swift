import CorpusFormats
import FileStorage
import Foundation
public import InvertedIndex

/// Drops what cannot be read of an index, and says which documents that costs.
///
/// ```swift
/// let report = try await IndexRepair().run("Indexes/mine")
/// for id in report.lost { print("lost:", id) }
/// ```
///
/// Sound segments stay as they are. Of a segment whose postings are damaged, the documents are indexed again from their stored
/// texts, where the index was built from texts. Whatever has no sound text or no postings is lost. All of it is one commit; until
/// then the files stay as they were, and afterwards the commits before go.
public struct IndexRepair: Sendable {
    /// What was done.
    public struct Report: Sendable, Codable {
        /// What was damaged; empty for a sound index, of which nothing was changed.
        public var findings: [IndexFinding] = []
        /// Ids of the documents that are no longer there, in the order of the segments.
        public var lost: [String] = []
        /// Documents that are no longer there and whose ids could not be read.
        public var lostWithoutID = 0
        /// Documents that were indexed again from their texts.
        public var indexedAgain = 0
        /// What was taken in the place of something damaged, a sentence each.
        public var notes: [String] = []
        /// Documents in the index now.
        public var documents = 0
        /// The number of the newest commit.
        public var commit = 0
        /// What could not be made sure of although it was done.
        public var warnings: [String] = []
    }

    /// Threads for analysis and encoding.
    public var threads = ProcessInfo.processInfo.activeProcessorCount

    /// A repair.
    public init() {}

    /// Repairs in one commit.
    /// - Throws: `IndexError`, ``ApusError``, `EncoderError`; the index is then as it was.
    public func run(_ directory: String) async throws -> Report {
        guard try !IndexSnapshot.generations(in: directory).isEmpty else {
            throw IndexError.notAnIndex(path: directory)
        }
        let salvaged = try SalvagedIndex(WriteLock(directory))
        let settings = try IndexSettings(salvaged.metadata, directory: directory)
        let parts = try salvaged.parts.map { try SalvagedTexts($0) }
        var report = Report()
        report.findings = salvaged.findings + parts.flatMap(\.findings)
        report.notes = salvaged.notes
        report.commit = salvaged.generation
        report.documents = parts.reduce(0) { $0 + $1.part.documents.count }
        if report.findings.isEmpty {
            report.findings = try salvaged.damagedOlderCommits()
            if !report.findings.isEmpty { report.warnings += try salvaged.removeOlderCommits().map { [$0] } ?? [] }
            return report
        }
        try await write(salvaged, parts, settings, &report)
        // The commit stands whatever becomes of this.
        do {
            if let left = try salvaged.removeOlderCommits(), !report.warnings.contains(left) {
                report.warnings.append(left)
            }
        } catch { report.warnings.append("The index is repaired, but the commits before were not removed: \(error)") }
        return report
    }

    private func write(
        _ salvaged: SalvagedIndex, _ parts: [SalvagedTexts], _ settings: IndexSettings, _ report: inout Report
    ) async throws {
        // Only texts make documents again; vectors came from elsewhere.
        let canIndex = settings.model != .vectors
        let needsIndexing = canIndex && parts.contains { !$0.part.isSound && !$0.readable.isEmpty }
        let encoder =
            try needsIndexing
            ? settings.model.load(maximumLength: settings.maximumLength, precision: settings.precision) : nil
        if needsIndexing, (encoder?.description.identity ?? "") != settings.modelIdentity {
            throw ApusError.otherModel(
                index: salvaged.directory, indexed: settings.modelName, found: encoder?.description.name ?? "none")
        }
        let writer = try IndexWriter.repairing(
            salvaged, vocabulary: encoder?.vocabulary ?? [], texts: DocumentFileWriter())
        for texts in parts {
            let part = texts.part
            report.lostWithoutID += part.unnamed
            if part.isSound, texts.findings.isEmpty {
                await writer.keep(part)
            } else if part.isSound {
                report.lost += texts.unreadable.map(\.id)
                try await writer.rewrite(part, without: texts.unreadable.map(\.docid)) { row throws(IndexError) in
                    try texts.text(row)
                }
            } else {
                report.lost += (canIndex ? texts.unreadable : part.documents).map(\.id)
            }
        }
        var pipeline = DocumentPipeline(settings: settings, encoder: encoder, threads: threads)
        for texts in parts where canIndex && !texts.part.isSound {
            var rest = texts.readable[...]
            while !rest.isEmpty {
                let batch = try rest.prefix(128).map { document in
                    CorpusDocument(id: document.id, try texts.text(document.row))
                }
                rest = rest.dropFirst(128)
                guard let done = try pipeline.process(batch, isCancelled: { false }) else { break }
                await writer.appendVocabulary(done.freshTerms)
                try await writer.add(done.documents)
                report.indexedAgain += batch.count
            }
        }
        let snapshot = try await writer.commit()
        report.documents = snapshot.documentCount
        report.commit = snapshot.generation
        report.warnings = await writer.warnings
    }
}

/// What can be read of a segment's texts.
private struct SalvagedTexts {
    let part: SalvagedIndex.Part
    /// What is damaged of the texts.
    private(set) var findings: [IndexFinding] = []
    /// Documents with a text, and those without.
    private(set) var readable: [SalvagedIndex.Document] = []
    private(set) var unreadable: [SalvagedIndex.Document] = []
    private let file: DocumentFile?

    init(_ part: SalvagedIndex.Part) throws {
        self.part = part
        guard let texts = part.texts else {
            file = nil
            if part.isSound { readable = part.documents } else { unreadable = part.documents }
            return
        }
        var opened: DocumentFile?
        do throws(IndexError) {
            do throws(StorageError) { try part.textsEntry?.verify(texts.path) } catch { throw .storage(error) }
            opened = try DocumentFile(texts)
        } catch {
            guard let finding = IndexFinding(error) else { throw error }
            findings.append(finding)
            opened = try unlessDamaged { () throws(IndexError) in try DocumentFile(texts) }
            // Its head may be damaged alone: then the rows prove that it is the file.
            if opened == nil {
                let other = try unlessDamaged { () throws(IndexError) in try DocumentFile(texts, isTrusted: true) }
                if let other, try other.isWhole(texts) { opened = other }
            }
        }
        file = opened
        for document in part.documents {
            let text = try unlessDamaged { () throws(IndexError) in try opened?.row(document.row) }
            if text != nil { readable.append(document) } else { unreadable.append(document) }
        }
        if findings.isEmpty, let opened { findings += try opened.check(texts) }
    }

    func text(_ row: UInt32) throws(IndexError) -> StoredText {
        guard let file else { throw .corrupt(path: part.texts?.path ?? "", detail: "it cannot be read") }
        return try file.row(row)
    }
}

extension DocumentFile {
    /// Whether all rows are those with this identity, whatever the file's head says.
    fileprivate func isWhole(_ texts: SegmentTexts) throws(IndexError) -> Bool {
        var sum: UInt32 = 0
        for row in 0..<UInt32(texts.rows) {
            guard let found = try unlessDamaged({ () throws(IndexError) in try checkedRow(row) }) else { return false }
            sum &+= found.checksum
        }
        return sum == texts.identity
    }
}

/// nil where a file is damaged. Whatever else goes wrong passes, and nothing may be given up for it.
/// - Throws: ``IndexError``.
private func unlessDamaged<Value>(_ body: () throws(IndexError) -> Value?) throws(IndexError) -> Value? {
    do throws(IndexError) { return try body() } catch {
        guard IndexFinding(error) != nil else { throw error }
        return nil
    }
}
