import InvertedIndex

/// What is proved of one traversal's hits, as JSON; scores in the unit of that traversal's hits.
public struct CertificateDocument: Sendable, Codable {
    /// `exact`, or `approximate` when a limit or a cut of the query could cost hits.
    public var mode: String
    /// Whether the hits are nevertheless proved to be the exact best.
    public var exact: Bool
    /// How many hits, from the first, are proved to be the exact best.
    public var exactHits: Int
    /// The traversal that ran.
    public var traversal: String
    /// Why that one.
    public var reason: String
    /// Segments that were searched.
    public var segments: Int
    /// Segments in which the range traversal gave way to scoring everything.
    public var fallbacks: Int
    /// The k-th score; 0 when there are fewer hits.
    public var threshold: Double
    /// The score that k documents were known to reach before anything was scored.
    public var startThreshold: Double
    /// No document left out scores more; nil when every document was scored.
    public var unscoredBound: Double?
    /// Documents scored in full.
    public var documentsScored: Int
    /// Documents scored by their passages, of those that the lists put first; nil where documents are one passage each.
    public var documentsRescored: Int?
    /// The passages that were scored for these.
    public var passagesScored: Int?
    /// How often the lists were walked for them, deeper each time.
    public var rounds: Int?
    /// nil for the range traversal, which counts blocks.
    public var postingsTouched: Int?
    /// Blocks of postings that were read.
    public var blocksDecoded: Int
    /// Blocks of postings that were passed over.
    public var blocksSkipped: Int
    /// Ranges of 32 documents in all segments.
    public var ranges: Int
    /// Ranges that were scored.
    public var rangesScored: Int
    /// Ranges that could still have held a hit and were left out.
    public var rangesCut: Int
    /// Query terms that were cut off beforehand: the other claims are about the query without them.
    public var cutTerms: Int

    /// One for each traversal of a query, in the order they ran.
    public static func all(of answer: SearchAnswer) -> [CertificateDocument] {
        answer.searches.map { CertificateDocument($0, cutTerms: $0.field == .text ? 0 : answer.cutTerms) }
    }

    private init(_ search: SearchResult, cutTerms: Int) {
        let (certificate, counters) = (search.certificate, search.counters)
        mode = cutTerms > 0 ? Certificate.Mode.approximate.rawValue : certificate.mode.rawValue
        exact = certificate.isExact && cutTerms == 0
        exactHits = cutTerms > 0 ? 0 : certificate.exactHits
        traversal = certificate.traversal.rawValue
        reason = search.plan.reason
        segments = search.segments
        fallbacks = counters.fallbacks
        threshold = search.score(certificate.threshold)
        startThreshold = search.score(counters.startThreshold)
        unscoredBound = certificate.unscoredBound.map { search.score($0) }
        documentsScored = counters.documents
        if counters.rounds > 0 {
            (documentsRescored, passagesScored, rounds) = (counters.rescored, counters.passages, counters.rounds)
        }
        postingsTouched =
            counters.postings > 0 || ![.range, .window].contains(search.plan.traversal) ? counters.postings : nil
        blocksDecoded = counters.blocks
        blocksSkipped = counters.blocksSkipped
        ranges = counters.ranges
        rangesScored = counters.rangesScored
        rangesCut = counters.rangesCut
        self.cutTerms = cutTerms
    }
}
