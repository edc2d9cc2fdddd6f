import Apus
import InvertedIndex

/// What is proved of one traversal's hits, as JSON; scores in the unit of that traversal's hits.
struct CertificateDocument: Encodable {
    /// `exact`, or `approximate` when a limit or a cut of the query could cost hits.
    let mode: String
    /// Whether the hits are nevertheless proved to be the exact best.
    let exact: Bool
    let exactHits: Int
    let traversal: String
    let reason: String
    let segments: Int
    /// Segments in which the range traversal gave way to scoring everything.
    let fallbacks: Int
    /// The k-th score; 0 when there are fewer hits.
    let threshold: Double
    let startThreshold: Double
    /// No document left out scores more; nil when every document was scored.
    let unscoredBound: Double?
    let documentsScored: Int
    /// nil for the range traversal, which counts blocks.
    let postingsTouched: Int?
    let blocksDecoded: Int
    let blocksSkipped: Int
    let ranges: Int
    let rangesScored: Int
    /// Ranges that could still have held a hit and were left out.
    let rangesCut: Int
    /// Query terms that were cut off beforehand: the other claims are about the query without them.
    let cutTerms: Int

    /// One for each traversal of a query, in the order they ran.
    static func all(of answer: SearchAnswer) -> [CertificateDocument] {
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
        postingsTouched = counters.postings > 0 || search.plan.traversal != .range ? counters.postings : nil
        blocksDecoded = counters.blocks
        blocksSkipped = counters.blocksSkipped
        ranges = counters.ranges
        rangesScored = counters.rangesScored
        rangesCut = counters.rangesCut
        self.cutTerms = cutTerms
    }
}
