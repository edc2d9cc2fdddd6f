public import Apus
import FileStorage
public import InvertedIndex

/// Writes the learned field of an index, with texts and metadata, as a folder that another engine reads.
///
/// ```swift
/// var task = VectorExport(of: try SearchIndex("Indexes/mine"), for: .openSearch)
/// let report = try task.write(to: "for-opensearch")
/// ```
///
/// Documents are streamed in parts, each of which is written whole or not at all; an export that was stopped goes on where it was when
/// it is asked for again. `manifest.json` comes last, and `golden.jsonl` holds 20 queries with the answers that the receiver has to give.
public struct VectorExport {
    /// The engines that are fed.
    public enum Target: String, Sendable, CaseIterable {
        case anserini, elasticsearch, milvus, npz
        case openSearch = "opensearch"
        case pisa, qdrant, seismic, vespa
    }

    /// What was written.
    public struct Report: Sendable, Codable {
        /// Documents.
        public var documents = 0
        /// Postings.
        public var postings = 0
        /// Files with documents.
        public var parts = 0
        /// Of these, those that were there already.
        public var kept = 0
        /// Golden queries.
        public var goldenQueries = 0
        /// Of these, those whose answers a search of the index gives too; all of them where it has one scale.
        public var answeredAlike = 0
        /// Whether segments had other scales, so that impacts were rounded again.
        public var isRescaled = false
    }

    /// How many golden queries there are.
    public static let goldenQueries = GoldenQueries.count

    private struct State: Codable, Equatable {
        var receiver: String
        var index: String
        var hasTexts: Bool
    }

    private let index: SearchIndex
    private let target: Target
    /// Whether titles, texts and metadata go along.
    public var hasTexts = true
    /// Documents of one file; nil for what the receiver likes.
    package var documentsPerFile: Int?
    /// Queries to check with; nil makes them of documents.
    public var topics: [(id: String, query: Query)]?

    /// An export of the commit that the index answers from.
    public init(of index: SearchIndex, for target: Target) { (self.index, self.target) = (index, target) }

    /// Writes the folder, or what is missing of it.
    /// - Parameters:
    ///   - progress: Called with the number of documents that are written.
    ///   - isCancelled: Asked between parts.
    /// - Returns: nil where it was cancelled; what was written stays.
    /// - Throws: `IndexError`, `StorageError`, ``ExchangeError``.
    /// - Complexity: O(postings) time; memory for a part's vectors, the vocabulary, and 8 bytes a document.
    public func write(
        to directory: String, progress: (Int) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws -> Report? {
        do {
            return try write(to: directory) { documents in
                if let documents { progress(documents) }
                if isCancelled() { throw Stopped() }
            }
        } catch is Stopped {
            return nil
        }
    }

    /// Thrown where the export is to stop.
    private struct Stopped: Error {}

    /// - Parameter step: Called now and then, with the number of documents where they come one after another; throws to stop.
    private func write(to directory: String, _ step: (Int?) throws -> Void) throws -> Report {
        guard index.hasLearned else { throw ExchangeError.noField(index: index.directory, field: "learned") }
        try begin(directory)
        let source = ExportSource(index, hasTexts: hasTexts)
        let statistics = try index.snapshot.statistics().fields.first { $0.field == .learned }
        var report = Report(documents: source.count, postings: statistics?.postings ?? 0)
        report.isRescaled = source.scales.isRescaled
        let golden = try topics.map { try GoldenQueries($0, of: source) } ?? GoldenQueries(of: source)
        report.goldenQueries = golden.queries.count
        report.answeredAlike = try golden.queries.count { try isAnsweredAlike($0) }
        var manifest = manifest(source, report, terms: source.vocabulary.terms.count)
        switch target {
        case .npz:
            try writeOnce([NPZ.file, NPZ.ids], directory, &manifest, &report) {
                try NPZ(source: source).write(to: directory, parts(source, .max), step)
            }
            manifest.documentIDs = .init(spelling: "rows", file: NPZ.ids)
            manifest.termNames = NumberedTerms.names
            try finish(
                directory, manifest, golden,
                [(NumberedTerms.file, try NumberedTerms("numpy", source).list)])
        case .pisa:
            let receiver = PISA(source: source)
            try writeOnce(["inv.docs", "inv.freqs", "fwd.documents"], directory, &manifest, &report) {
                try receiver.write(to: directory) { try step(nil) }
            }
            try finish(directory, manifest, golden, receiver.companions(golden))
        case .anserini: try feed(Anserini.self)
        case .elasticsearch: try feed(Elasticsearch.self)
        case .milvus: try feed(Milvus.self)
        case .openSearch: try feed(OpenSearch.self)
        case .qdrant: try feed(Qdrant.self)
        case .seismic: try feed(Seismic.self)
        case .vespa: try feed(Vespa.self)
        }
        return report

        func feed<R: Receiver>(_: R.Type) throws {
            let receiver = try R(source)
            (manifest.documentIDs, manifest.termNames) = (receiver.documentIDs, receiver.termNames)
            var row = 0
            for (number, part) in parts(source, documentsPerFile ?? receiver.documentsPerFile).enumerated() {
                let digits = String(number)
                let name =
                    receiver.partName.before + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
                    + receiver.partName.after
                let count = part.reduce(0) { $0 + source.index.snapshot.count(ofView: $1.view, docids: $1.docids) }
                manifest.parts.append(name)
                report.parts += 1
                if try Directory.kind(of: directory + "/" + name) == .file {
                    report.kept += 1
                } else {
                    try write(part, from: row, of: source, with: receiver, to: directory + "/" + name)
                }
                row += count
                try step(row)
            }
            try finish(directory, manifest, golden, receiver.companions(golden))
        }
    }

    /// Parts of a size that a receiver wants, and that memory allows.
    private func parts(_ source: ExportSource, _ documents: Int) -> [[(view: Int, docids: Range<Int>)]] {
        let postings = index.snapshot.segments.reduce(0) { $0 + $1.learnedPostings }
        let most = max(1, ExportSource.mostPostings / max(1, postings / max(1, source.count)))
        return index.snapshot.parts(of: min(documents, most))
    }

    private func write(
        _ part: [(view: Int, docids: Range<Int>)], from row: Int, of source: ExportSource, with receiver: some Receiver,
        to path: String
    ) throws {
        try Directory.create(Directory.parent(of: path))
        let file = try AtomicFile(path: path)
        var bytes = JSONBytes()
        try source.read(part, from: row) { document in
            try receiver.append(document, to: &bytes)
            guard bytes.bytes.count >= 1 << 20 else { return }
            try file.write(bytes.bytes)
            bytes.bytes.removeAll(keepingCapacity: true)
        }
        try file.write(bytes.bytes)
        try file.commit()
    }

    /// Files that are made together.
    private func writeOnce(
        _ names: [String], _ directory: String, _ manifest: inout ExportManifest, _ report: inout Report,
        _ write: () throws -> Void
    ) throws {
        manifest.parts = names
        report.parts = names.count
        if try names.allSatisfy({ try Directory.kind(of: directory + "/" + $0) == .file }) {
            report.kept = names.count
        } else {
            try write()
        }
    }

    /// Makes the folder, or sees that it is this export's.
    private func begin(_ directory: String) throws {
        let state = State(receiver: target.rawValue, index: index.snapshot.identity, hasTexts: hasTexts)
        let path = directory + "/" + Self.stateFile
        try Directory.create(directory)
        guard try !Directory.names(in: directory).isEmpty else {
            return try AtomicFile.write(Array(AnswerJSON.text(state).utf8), to: path)
        }
        guard try Directory.kind(of: path) == .file else {
            throw ExchangeError.otherExport(path: directory, detail: "other files")
        }
        let known = try MappedBytes(path: path).copied()
        guard try known == Array(AnswerJSON.text(state).utf8) else {
            throw ExchangeError.otherExport(
                path: directory, detail: "an export of another index, commit or receiver, or one with other options")
        }
    }

    private static let stateFile = "export.json"

    private func finish(
        _ directory: String, _ manifest: ExportManifest, _ golden: GoldenQueries,
        _ companions: [(name: String, text: String)]
    ) throws {
        for (name, text) in companions + [(manifest.golden, try golden.lines())] {
            try Directory.create(Directory.parent(of: directory + "/" + name))
            try AtomicFile.write(Array(text.utf8), to: directory + "/" + name)
        }
        try AtomicFile.write(Array((try AnswerJSON.text(manifest) + "\n").utf8), to: directory + "/manifest.json")
    }

    private func manifest(_ source: ExportSource, _ report: Report, terms: Int) -> ExportManifest {
        ExportManifest(
            receiver: target.rawValue, commit: index.snapshot.generation, documents: report.documents, terms: terms,
            postings: report.postings,
            model: .init(name: index.settings.modelName, identity: index.settings.modelIdentity),
            scale: source.scales.common, isRescaled: source.scales.isRescaled,
            droppedWeights: index.snapshot.droppedWeights, clippedWeights: index.snapshot.clippedWeights,
            idfPower: index.settings.idfPower, documentIDs: .init(spelling: "names"),
            termNames: .init(spelling: "names"), parts: [], goldenQueries: report.goldenQueries)
    }

    /// Whether a search of the index finds the same documents in the same order.
    private func isAnsweredAlike(_ golden: GoldenQueries.Query) throws -> Bool {
        let query = Query(
            field: .learned, terms: golden.terms.map { QueryTerm(term: $0.term, weight: Float($0.weight)) })
        let hits = try index.snapshot.search(query, k: GoldenQueries.depth).hits
        return hits.map(\.id).elementsEqual(golden.hits.map(\.id)) { $0.utf8.elementsEqual($1.utf8) }
    }
}
