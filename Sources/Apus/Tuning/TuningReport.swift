/// What `apus tune` measured and recommends.
public struct TuningReport: Sendable, Codable {
    /// One setting's measurements over all topics.
    public struct Row: Sendable, Codable {
        /// The options.
        public var setting: TuningSetting
        /// The options as given to `apus search`.
        public var flags: String
        /// Mean share of the exact best documents that was found; one that ties with the last of them counts as found.
        public var recall: Double
        /// The lowest recall of any topic.
        public var worstRecall: Double
        /// Milliseconds of thread CPU time per query, encoding not counted.
        public var mean = 0.0
        /// Its median.
        public var p50 = 0.0
        /// What 99 of 100 queries stay under.
        public var p99 = 0.0
        /// Share of the topics whose certificate proves the hits exact.
        public var provedExact: Double
        /// Mean nDCG@10 over the judged topics.
        public var nDCG: Double?
        /// Its difference to exact search.
        public var nDCGDifference: Double?
    }

    /// The index directory.
    public var index: String
    /// Which ranking.
    public var mode: SearchMode
    /// Documents per query.
    public var hits: Int
    /// Topics measured.
    public var topics: Int
    /// Topics that are longer than the encoder reads.
    public var truncated = 0
    /// How often each topic was timed with each setting.
    public var rounds: Int
    /// The recall wanted.
    public var wantedRecall: Double
    /// Exact search first; then by term cut and budget.
    public var rows: [Row] = []
    /// Whether the measurement was stopped before its end.
    public var interrupted = false

    /// The fastest setting whose recall reaches the wanted one; exact search always does.
    public var recommended: Row? {
        rows.filter { $0.recall >= wantedRecall }.min { $0.mean < $1.mean }
    }
}
