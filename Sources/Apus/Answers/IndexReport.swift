public import CorpusFormats
import InvertedIndex
public import LearnedEncoder

/// What `apus stats` says about an index.
public struct IndexReport: Sendable, Codable {
    /// One field's share.
    public struct FieldReport: Sendable, Codable {
        /// `text` or `learned`.
        public var name: String
        /// Distinct terms.
        public var terms: Int
        /// Postings.
        public var postings: Int
        /// Bytes of postings, bounds and dictionary per posting.
        public var bytesPerPosting: Double
        /// Words (text) or distinct terms (learned) per document.
        public var perDocument: Double
        /// Learned weights above the largest impact.
        public var clipped: Int?
        /// Learned weights below half a quantum.
        public var dropped: Int?
        /// Distinct terms per query, when topics were given.
        public var perQuery: Double?
        /// Topics that are longer than the encoder reads, when topics were given.
        public var truncatedQueries: Int?
        /// Σ over terms of P(term in query) × P(term in document), when topics were given.
        ///
        /// Source: Paria et al., "Minimizing FLOPs to Learn Efficient Sparse Representations", ICLR 2020, eq. 2.
        public var flops: Double?
    }

    /// The index directory.
    public var directory: String
    /// Documents.
    public var documents: Int
    /// The commit's number.
    public var commit: Int
    /// Segments of the commit.
    public var segments: Int
    /// Bytes of all segments.
    public var segmentBytes: Int
    /// Bytes of learned vectors that are stored as such; nil where they are not.
    public var vectorBytes: Int?
    /// Bytes of the document store.
    public var documentBytes: Int
    /// Word analysis and its version.
    public var analyzer: String
    /// The encoder.
    public var model: String
    /// What the learned field spends on an impact: standard or compact.
    public var profile: String
    /// Which of a document's learned terms were kept; nil for all.
    public var pruning: String?
    /// BM25's parameters where a search asks for none.
    public var k1: Float
    /// As ``k1``.
    public var b: Float
    /// What the learned weights of a title's own terms are raised by; nil for nothing.
    public var titleBoost: Double?
    /// How often BM25 counts the words of a title; nil for once.
    public var titleWeight: Int?
    /// The power of idf that multiplies the weights of learned queries; nil for none.
    public var idfPower: Double?
    /// The power to which the norms of document vectors are evened out; nil for none.
    public var normPower: Double?
    /// The mean norm to which they are; nil before there was a vector.
    public var meanNorm: Double?
    /// Impact per unit of learned weight in documents to come; nil before there was a weight.
    public var learnedScale: Float?
    /// How hybrid lists are fused, where `apus tune --fusion` chose it.
    public var fusion: String?
    /// How texts longer than a passage were split; nil where they were truncated.
    public var passages: PassageSplit?
    /// Passages of documents that are several, those of deleted documents included; nil where passages do not stay apart.
    public var passageVectors: Int?
    /// Bytes of their vectors.
    public var passageBytes: Int?
    /// The fields that filters find without reading every document; nil for none.
    public var filterable: [String]?
    /// The filter that was asked for.
    public var filter: String?
    /// How many documents it lets through.
    public var matching: Int?
    /// One entry per field of the index.
    public var fields: [FieldReport]

    /// Describes an index and, with topics, how its queries meet it.
    /// - Throws: `EncoderError`, ``ApusError``.
    public init(of index: SearchIndex, topics: [Topic]?, options: SearchOptions) throws {
        let statistics = try index.snapshot.statistics()
        directory = index.directory
        documents = index.snapshot.documentCount
        commit = index.snapshot.generation
        segments = index.snapshot.segmentCount
        segmentBytes = statistics.bytes
        vectorBytes = index.snapshot.storesVectors ? statistics.vectorBytes : nil
        documentBytes = index.documents.bytes
        analyzer = "\(index.settings.analyzer.rawValue) (\(index.settings.analyzerVersion))"
        model = index.settings.model == .none ? "none" : "\(index.settings.modelName) (\(index.settings.modelIdentity))"
        profile = index.snapshot.profile.rawValue
        pruning = index.settings.pruning.isEmpty ? nil : "\(index.settings.pruning)"
        (k1, b) = (index.settings.bm25.k1, index.settings.bm25.b)
        titleBoost = index.settings.titleBoost == 0 ? nil : index.settings.titleBoost
        titleWeight = index.settings.titleWeight == 1 ? nil : index.settings.titleWeight
        idfPower = index.settings.idfPower == 0 ? nil : index.settings.idfPower
        (normPower, meanNorm) = (index.snapshot.norms?.power, index.snapshot.norms?.mean)
        learnedScale = index.hasLearned ? index.snapshot.learnedScale : nil
        fusion = index.settings.fusion?.name
        passages = index.settings.passages
        if passages?.aggregate == .best {
            (passageVectors, passageBytes) = (statistics.passages, statistics.passageBytes)
        }
        filterable =
            index.settings.filterable.isEmpty ? nil : index.settings.filterable.map(\.description)
        filter = options.filter?.description
        matching = try options.filter.map { try index.count(matching: $0) }
        fields = []
        for field in statistics.fields {
            var report = FieldReport(
                name: field.field.rawValue, terms: field.terms, postings: field.postings,
                bytesPerPosting: field.postings > 0 ? Double(field.bytes) / Double(field.postings) : 0,
                perDocument: field.averageLength)
            if field.field == .learned {
                report.clipped = field.clipped
                report.dropped = field.dropped
            }
            if let topics, !topics.isEmpty { try Self.measure(topics, index, field.field, options, &report) }
            fields.append(report)
        }
    }

    private static func measure(
        _ topics: [Topic], _ index: SearchIndex, _ field: Field, _ options: SearchOptions, _ report: inout FieldReport
    ) throws {
        var truncated = 0
        var work = QueryFLOPS(in: index.snapshot)
        for topic in topics {
            let query: Query
            if field == .text {
                query = index.wordQuery(topic.text, options.resolved(by: index.settings).bm25InForce)
            } else {
                guard let encoder = try index.encoder() else { return }
                let made = try index.learnedQuery(
                    topic.text, encoder, options.side ?? encoder.description.defaultQuerySide)
                query = made.query
                truncated += made.isTruncated ? 1 : 0
            }
            try work.add(query)
        }
        if field == .learned { report.truncatedQueries = truncated }
        let queries = Double(topics.count)
        report.perQuery = Double(work.terms) / queries
        report.flops = work.sum / queries
    }
}
