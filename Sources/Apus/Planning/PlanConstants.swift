/// What one core and one document cost, as measured; every other number of a plan follows from these and the formulas of
/// ``CapacityPlan``.
public struct PlanConstants: Sendable, Codable, Equatable {
    /// The day of the measurements.
    public var date: String
    /// Where they were made.
    public var machine: String
    /// How each was made.
    public var method: String

    /// Bytes of a learned posting, with its share of block bounds and dictionary.
    public var bytesPerLearnedPosting: Double
    /// The same of a posting of words.
    public var bytesPerWordPosting: Double
    /// Distinct words per word of a text.
    public var distinctWords: Double
    /// Bytes of a document beside its postings: id, length, row.
    public var bytesPerDocument: Double
    /// Stored bytes per byte of text.
    public var storedBytesPerTextByte: Double
    /// Tokens that a core encodes in a second, bundled model.
    public var tokensPerCoreSecond: Double
    /// Seconds of a core to index a document that is encoded.
    public var indexSecondsPerDocument: Double

    /// Learned search for the best 10: median seconds of a core that no document would take, with documents of ``referenceTerms`` terms
    /// and queries of ``referenceQueryTerms``.
    public var startSeconds: Double
    /// Median seconds that a million documents add: windows add up every list that matters.
    public var secondsPerMillion: Double
    /// Seconds at the 99th percentile over those at the median.
    public var tail: Double
    /// Terms of the documents that were searched.
    public var referenceTerms: Double
    /// The power of a document's terms that the seconds follow: bounds leave out more of long lists.
    public var termsPower: Double
    /// Terms of the queries.
    public var referenceQueryTerms: Double

    /// Search by words (BM25) for the best 10: median seconds of a core with a million documents and queries of ``referenceQueryWords``.
    public var wordMedianSeconds: Double
    /// As ``tail``, for words.
    public var wordTail: Double
    /// The power of the number of documents that the seconds follow, up to ``measuredWordDocuments``; beyond, they grow in proportion.
    public var wordGrowth: Double
    /// Documents of the largest index that was measured with words.
    public var measuredWordDocuments: Double
    /// Words of the queries.
    public var referenceQueryWords: Double

    /// Those that this version was measured with, by `Scripts/benchmarks/plan-constants`.
    public static let measured = PlanConstants(
        date: "2026-11-28", machine: "one core (two threads) of an AMD EPYC Zen 4, 24 GB",
        method:
            "synthetic vectors of 0.1 and 8 million documents of 120 terms, and of 1 million of 29 terms; words and texts: 80,000 and "
            + "318,910 leads of Wikipedia; encoding: texts of 128 tokens with one thread, beside other work",
        bytesPerLearnedPosting: 3.84, bytesPerWordPosting: 3.28, distinctWords: 0.758, bytesPerDocument: 24.3,
        storedBytesPerTextByte: 1.13, tokensPerCoreSecond: 6300, indexSecondsPerDocument: 0.000_086,
        startSeconds: 0.000_064, secondsPerMillion: 0.000_462, tail: 2.09, referenceTerms: 120,
        termsPower: 0.094, referenceQueryTerms: 43, wordMedianSeconds: 0.000_316, wordTail: 2.24, wordGrowth: 0.632,
        measuredWordDocuments: 318_910, referenceQueryWords: 8.7)
}
