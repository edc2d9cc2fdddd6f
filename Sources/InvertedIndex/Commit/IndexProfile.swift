/// What a learned field spends on an impact.
public enum IndexProfile: String, Sendable, Codable, CaseIterable {
    /// 8-bit impacts, with the largest ones of common terms in each range of 32 documents for the range traversal.
    case standard
    /// 5-bit impacts and no such maxima: about half the size. Scores are coarser; pruning stays exact for them.
    case compact

    /// The largest impact.
    package var largestImpact: UInt32 { self == .compact ? 31 : 255 }
}
