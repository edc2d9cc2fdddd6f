/// How far a build is.
public struct BuildProgress: Sendable {
    /// Documents indexed by this build.
    public var documents = 0
    /// Bytes of the input read so far (compressed bytes of a .gz).
    public var bytesRead = 0
    /// Bytes of the input, when known.
    public var totalBytes: Int?
    /// Whether all documents are read and the index is being put in order.
    public var isMerging = false
    /// Time since the build began.
    public var elapsed: Duration = .zero

    /// Documents per second so far.
    public var rate: Double { elapsed > .zero ? Double(documents) / elapsed.seconds : 0 }
    /// Share of the input that is done, 0…1, when known.
    public var fraction: Double? {
        totalBytes.flatMap { $0 > 0 ? min(1, Double(bytesRead) / Double($0)) : nil }
    }
    /// Estimated time left, when it can be told.
    public var remaining: Duration? {
        guard let fraction, fraction > 0.005 else { return nil }
        return .seconds(elapsed.seconds * (1 - fraction) / fraction)
    }
}

/// What a build did.
public struct BuildReport: Sendable, Codable {
    /// Documents added by this build.
    public var added = 0
    /// Documents that took the place of one with the same id.
    public var replaced = 0
    /// Documents deleted: those that left a folder that is synced; a replaced one is not counted.
    public var deleted = 0
    /// Ids to delete that no document had: none by a build.
    public var unknown = 0
    /// Documents skipped because they were in the index already.
    public var skipped = 0
    /// Added documents that have neither title nor text.
    public var empty = 0
    /// Added documents longer than the encoder reads.
    public var truncated = 0
    /// Added documents that were split into passages.
    public var split = 0
    /// The passages that these were split into.
    public var passages = 0
    /// Learned weights in the index above the largest impact, stored as that.
    public var clipped = 0
    /// Documents in the index now.
    public var documents = 0
    /// Documents of this build that are in a commit.
    public var committed = 0
    /// The number of the commit; 0 where none was made.
    public var commit = 0
    /// Segments of the index now.
    public var segments = 0
    /// What a person should know although the build went on, as sentences.
    public var warnings: [String] = []
    /// What was passed over in the input, a sentence each.
    public var notes: [String] = []
    /// Seconds of wall time.
    public var seconds = 0.0
    /// Whether the build was stopped before its end; what was added is kept.
    public var interrupted = false
}

extension Duration {
    /// This duration in seconds.
    public var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
