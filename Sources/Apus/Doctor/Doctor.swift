import ByteStrings
import CorpusFormats
import Foundation
import LearnedEncoder
import TextAnalysis

/// Looks through corpora, topics, judgements, runs and indexes for what makes results wrong or hard to trust.
///
/// ```swift
/// let places = try ["corpus.jsonl", "topics.tsv", "qrels.txt", "my.run"].flatMap { try DoctorPlace.recognise($0) }
/// let report = try CollectionDoctor().examine(places)
/// for finding in report.findings { print(finding.severity, finding.summary, finding.fix ?? "") }
/// ```
///
/// What lies side by side is held against each other: judgements against documents and topics, runs against all three, an index
/// against its corpus. Texts are streamed: about 90 bytes are kept for each document, 24 for each line of a run, and ids as hashes
/// of 64 bits, of which two among ten million are the same with a chance of 3 in a million.
public struct CollectionDoctor: Sendable {
    /// Threads.
    public var threads = ProcessInfo.processInfo.activeProcessorCount
    /// The encoder whose reach and vocabulary are checked; nil for the one of the index, else the bundled one.
    public var model: ModelChoice?
    /// Tokens that the encoder reads; nil for what the index or the model says.
    public var maximumLength: Int?
    /// Called with what is read, before it is.
    public var onPlace: (@Sendable (DoctorPlace) -> Void)?

    /// A doctor with the defaults.
    public init() {}

    /// Examines what was given.
    /// - Throws: `IndexError` and ``ApusError`` for an index that cannot be opened, `EncoderError`. What is wrong with a file is a
    ///   finding, not an error.
    /// - Complexity: O(bytes) time.
    public func examine(_ places: [DoctorPlace]) throws -> DoctorReport {
        var examination = try Examination(self, places)
        try examination.run()
        return examination.report
    }
}

/// One examination: topics first, because documents are held against them; judgements and runs last.
private struct Examination {
    private(set) var report = DoctorReport()
    private let doctor: CollectionDoctor
    private let places: [DoctorPlace]
    private let indexes: [(place: DoctorPlace, index: SearchIndex)]
    private let encoder: SparseEncoder?
    private var topics: TextExamination?
    private var documents: TextExamination?
    private var queryDocuments = QueryDocumentCheck()
    private var judgements: KnownJudgements?

    init(_ doctor: CollectionDoctor, _ places: [DoctorPlace]) throws {
        self.doctor = doctor
        self.places = places
        indexes = try places.filter { $0.kind == .index }.map { ($0, try SearchIndex($0.path)) }
        encoder = try Self.encoder(doctor, places, indexes.first?.index)
    }

    private static func encoder(
        _ doctor: CollectionDoctor, _ places: [DoctorPlace], _ index: SearchIndex?
    ) throws -> SparseEncoder? {
        let kinds: [DoctorPlace.Kind] = [.corpus, .topics, .index]
        guard places.contains(where: { kinds.contains($0.kind) }) else { return nil }
        if let model = doctor.model { return try model.load(maximumLength: doctor.maximumLength) }
        guard let index else { return try ModelChoice.bundled.load(maximumLength: doctor.maximumLength) }
        return try index.settings.model.load(maximumLength: doctor.maximumLength ?? index.settings.maximumLength)
    }

    private func of(_ kind: DoctorPlace.Kind) -> [DoctorPlace] { places.filter { $0.kind == kind } }

    private mutating func add(_ place: DoctorPlace, records: Int, reason: String? = nil) {
        report.places.append(
            .init(path: place.path, kind: place.kind, reason: reason ?? place.reason, records: records))
    }

    mutating func run() throws {
        try readTopics()
        try readDocuments()
        let isTopic = topics.map { topics in { (id: String) in topics.ids.contains(id) } }
        let isDocument = isDocument
        for place in of(.qrels) {
            doctor.onPlace?(place)
            var examination = QrelsExamination(place.path)
            examination.read(isDocument: isDocument)
            add(place, records: examination.count, reason: Self.joined(place.reason, examination.shape))
            report.add(examination.findings(isTopic: isTopic))
            judgements = judgements?.merged(with: examination.judgements) ?? examination.judgements
        }
        for place in of(.run) {
            doctor.onPlace?(place)
            var examination = RunExamination(place.path)
            examination.read(isDocument: isDocument)
            add(place, records: examination.count)
            report.add(examination.findings(judgements, isTopic: isTopic))
        }
    }

    private static func joined(_ reason: String, _ shape: String) -> String {
        shape.isEmpty ? reason : "\(reason); \(shape)"
    }

    private mutating func readTopics() throws {
        let places = of(.topics)
        guard !places.isEmpty else { return }
        var examination = TextExamination(
            .queries, encoder, analyzer: indexes.first?.index.settings.analyzer, hasTexts: true, threads: doctor.threads
        )
        for place in places {
            doctor.onPlace?(place)
            var check = queryDocuments
            let (count, findings) = try examination.read(TextSource(place: place)) { _, text in check.add(topic: text) }
            queryDocuments = check
            add(place, records: count)
            report.add(findings)
        }
        report.add(try examination.findings(in: Self.names(places)))
        topics = examination
    }

    private static func names(_ places: [DoctorPlace]) -> String { places.map(\.path).joined(separator: ", ") }

    private mutating func readDocuments() throws {
        let files = places.filter { $0.kind == .corpus || $0.kind == .vectors }
        for (place, index) in indexes {
            add(place, records: index.snapshot.documentCount, reason: place.reason + "; " + Self.description(index))
            report.add(Self.notes(index))
        }
        if !files.isEmpty {
            try read(files.map { TextSource(place: $0) }, comparing: indexes.map(\.index))
        } else if !indexes.isEmpty {
            try read(indexes.map { TextSource(place: $0.place, index: $0.index) }, comparing: [])
        }
    }

    private mutating func read(_ sources: [TextSource], comparing indexes: [SearchIndex]) throws {
        let areVectors = sources.allSatisfy { $0.place.kind == .vectors || $0.index?.settings.model == .vectors }
        let settings = self.indexes.first?.index.settings
        // Where long texts are split into passages, nothing of them is lost.
        let encoder = areVectors || settings?.passages != nil ? nil : encoder
        var examination = TextExamination(
            .documents, encoder, analyzer: settings?.analyzer, hasTexts: !areVectors, threads: doctor.threads)
        var agreements = indexes.map { IndexAgreementCheck($0) }
        var vectors = VectorCheck()
        var check = queryDocuments
        for source in sources {
            doctor.onPlace?(source.place)
            let (count, findings) = try examination.read(source) { document, text in
                check.visit(document: text)
                vectors.visit(document)
                for place in agreements.indices { try agreements[place].visit(text) }
            }
            if source.index == nil { add(source.place, records: count) }
            report.add(findings)
        }
        let name = Self.names(sources.map(\.place))
        report.add(try examination.findings(in: name) + vectors.findings(in: name))
        report.add(agreements.flatMap { $0.findings(in: name) })
        if topics != nil { report.add(check.findings(in: Self.names(of(.topics)))) }
        documents = examination
    }

    /// Whether a document is in the corpus or, without one, in an index; nil without either.
    private var isDocument: ((String) -> Bool)? {
        guard let documents else { return nil }
        return { documents.ids.contains($0) }
    }

    private static func description(_ index: SearchIndex) -> String {
        "commit \(index.snapshot.generation), analyzer \(index.settings.analyzer.rawValue), model \(index.settings.modelName)"
    }

    private static func notes(_ index: SearchIndex) -> [DoctorReport.Finding] {
        index.notes.map {
            .init(
                severity: .warning, check: "index-notes", path: index.directory, summary: $0, count: 1, examples: [])
        }
    }
}
