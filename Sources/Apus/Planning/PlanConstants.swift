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

    /// Learned search for the best 10: median seconds of a core with a million documents of ``referenceTerms`` terms and queries of
    /// ``referenceQueryTerms``.
    public var medianSeconds: Double
    /// Seconds at the 99th percentile over those at the median.
    public var tail: Double
    /// The power of the number of documents that the seconds follow, up to ``measuredDocuments``; beyond, they grow in proportion.
    public var growth: Double
    /// Documents of the largest index that was measured.
    public var measuredDocuments: Double
    /// Terms of the documents that were searched.
    public var referenceTerms: Double
    /// Terms of the queries.
    public var referenceQueryTerms: Double

    /// Those that this version was measured with, by `Scripts/benchmarks/plan-constants`.
    public static let measured = PlanConstants(
        date: "2026-11-27", machine: "2 shared cores of an AMD EPYC, 24 GB",
        method:
            "synthetic vectors of 0.1 and 1 million documents (seconds of indexing: 0.5 million), in seconds of the processor; "
            + "bytes of words and texts: 318,910 leads of Wikipedia; encoding: 30,000 of them with 128 tokens each",
        bytesPerLearnedPosting: 3.42, bytesPerWordPosting: 3.28, distinctWords: 0.758, bytesPerDocument: 23.3,
        storedBytesPerTextByte: 1.13, tokensPerCoreSecond: 6300, indexSecondsPerDocument: 0.000_085,
        medianSeconds: 0.000_768, tail: 2.44, growth: 0.6, measuredDocuments: 1e6, referenceTerms: 120,
        referenceQueryTerms: 43)
}
