import Apus
import CIFF
public import InvertedIndex
public import TextAnalysis

/// Makes an index of a file of the Common Index File Format.
///
/// ```swift
/// var task = CIFFImport(to: "Indexes/theirs")
/// task.field = .text
/// let report = try await task.run("theirs.ciff.gz")
/// ```
///
/// The format does not say whether its numbers are term frequencies or learned impacts, so the caller does; the exports of Apus say
/// it themselves. No texts come with it. Lists are recorded on disk, about two bytes for each posting, until the documents, which stand
/// behind them, are read.
public struct CIFFImport: Sendable {
    /// What was done.
    public struct Report: Sendable, Codable {
        /// Documents of the index.
        public var documents = 0
        /// Posting lists.
        public var lists = 0
        /// Postings.
        public var postings = 0
        /// `text` or `learned`.
        public var field = ""
        /// Learned: impact per unit of the file's numbers.
        public var scale: Float?
        /// Learned: numbers that are less than half an impact, which were left out.
        public var dropped = 0
        /// Segments.
        public var segments = 0
        /// The number of the commit.
        public var commit = 0
        /// Seconds of wall time.
        public var seconds = 0.0
        /// What the file says of itself.
        public var description = ""
        /// What a person should know although it was done, as sentences.
        public var notes: [String] = []
    }

    /// Where the index goes.
    public var directory: String
    /// What the numbers are; nil takes what the file says of itself.
    public var field: Field?
    /// Whether an index that is there goes when the new one is whole.
    public var replaces = false
    /// How words of queries are analysed: as the other engine did.
    public var analyzer = Analyzer.Name.english
    /// Whether similar documents become neighbours.
    public var reorders = true
    /// What the learned field spends on an impact.
    public var profile = IndexProfile.standard
    /// Whether learned vectors are stored as such too.
    public var storesVectors = false
    /// BM25's parameters, unless a search asks for others.
    public var bm25 = BM25Parameters()
    /// Bytes of a segment's postings; more make several segments.
    package var segmentBytes = 2 << 30
    /// Memory that the process may take, in bytes.
    public var memory = 1 << 30

    /// An import that makes an index at a directory.
    public init(to directory: String) { self.directory = directory }

    /// Reads the file and commits once, when all of it is sound.
    /// - Parameter progress: The share that is read, 0…1, where it is known.
    /// - Throws: `CIFFError`, `IndexError`, ``ExchangeError``, `ApusError`; what was there is then as it was.
    public func run(_ path: String, progress: (Double?) -> Void = { _ in }) async throws -> Report {
        let start = ContinuousClock.now
        let lock = try WriteLock(directory)
        switch try lock.contents() {
        case .others: throw ApusError.notEmpty(path: directory)
        case .index where !replaces: throw ExchangeError.indexExists(path: directory)
        default: break
        }
        let reader = try CIFFReader(path: path)
        guard let field = field ?? ExportDescription.field(in: reader.header.description) else {
            throw ExchangeError.unknownField(path: path, description: reader.header.description)
        }
        var report = Report(field: field.rawValue, description: reader.header.description)
        guard reader.header.documents > 0 else { throw ApusError.emptyCorpus(path: path) }
        let (foreign, findings) = try read(reader, field, &report, progress)
        var settings = IndexSettings(analyzer: analyzer, model: field == .text ? .none : .vectors, encoder: nil)
        (settings.isComplete, settings.bm25) = (true, bm25)
        var options = IndexOptions()
        options.memoryBytes = memory
        options.metadata = settings.metadata
        options.hasLearned = field == .learned
        options.learnedScale = report.scale
        options.profile = field == .learned ? profile : .standard
        options.storesVectors = storesVectors && field == .learned
        let writer = try IndexWriter.create(
            lock, options: options, vocabulary: [], texts: segmentTextsWriter(), replacing: replaces)
        try await writer.add(foreign, reorder: reorders, most: segmentBytes)
        let snapshot = try await writer.commit()
        report.documents = snapshot.documentCount
        (report.lists, report.postings) = (reader.lists, findings.postings)
        report.dropped = snapshot.droppedWeights
        (report.segments, report.commit) = (snapshot.segmentCount, snapshot.generation)
        report.notes += await writer.warnings
        report.seconds = (ContinuousClock.now - start).seconds
        return report
    }

    /// Records the lists, then takes the documents.
    private func read(
        _ reader: CIFFReader, _ field: Field, _ report: inout Report, _ progress: (Double?) -> Void
    ) throws -> (ForeignIndex, CIFFPostings.Findings) {
        let header = reader.header
        var findings: CIFFPostings.Findings?
        var recorded: ForeignIndex?
        try withoutActuallyEscaping(progress) { progress in
            let source = CIFFPostings(reader, checksSums: field == .text) { reader in
                progress(reader.totalBytes.map { Double(reader.bytesRead) / Double(max(1, $0)) })
            }
            findings = source.findings
            do {
                recorded = try ForeignIndex(field, source, documents: header.documents, directory: directory)
            } catch {
                if let failure = source.findings.failure { throw failure }
                throw error
            }
        }
        guard var foreign = recorded, let findings else { throw ApusError.emptyCorpus(path: reader.path) }
        var lengths = ImportedLengths(sums: findings.sums, isWhole: header.lists >= header.totalLists)
        while let document = try reader.nextDocument() {
            let words = field == .text ? lengths.take(document.length, of: foreign.documents) : 0
            if let first = foreign.append(id: document.id, words: words) {
                throw reader.malformed("the id '\(document.id)' is that of document \(first) too")
            }
        }
        if field == .text {
            report.notes += lengths.notes
        } else {
            // Impacts up to 255 stay what they are.
            let most = Float(profile.largestImpact)
            report.scale = Float(findings.largest) <= most ? 1 : most / Float(findings.largest)
            foreign.factor = report.scale ?? 1
        }
        if header.lists < header.totalLists || header.documents < header.totalDocuments {
            report.notes.append(
                "The file holds \(header.lists) of \(header.totalLists) lists and \(header.documents) of \(header.totalDocuments) "
                    + "documents of its collection; scores are those of what it holds.")
        }
        return (foreign, findings)
    }
}

/// How many words documents have. What is counted is exact, and what is said may have gone through the byte in which Lucene keeps
/// a length; where the file holds all lists and the two agree up to that byte, what is counted is taken.
struct ImportedLengths {
    private let sums: [UInt32]
    private let isWhole: Bool
    private var rounded = 0
    private var different = 0

    init(sums: [UInt32], isWhole: Bool) { (self.sums, self.isWhole) = (sums, isWhole) }

    /// The length of the next document.
    mutating func take(_ said: Int, of number: Int) -> UInt32 {
        let counted = number < sums.count ? sums[number] : 0
        guard isWhole, Int(counted) != said else { return UInt32(clamping: said) }
        if DocumentLength.rounded(Int(counted)) == said {
            rounded += 1
            return counted
        }
        different += 1
        return UInt32(clamping: said)
    }

    /// What a person should know.
    var notes: [String] {
        var notes: [String] = []
        if rounded > 0 {
            notes.append(
                "\(rounded) documents have lengths as Lucene rounds them; their words were counted, so that the average is exact."
            )
        }
        if different > 0 {
            notes.append(
                "\(different) documents have other lengths than their words add up to; the lengths that the file says count."
            )
        }
        return notes
    }
}
