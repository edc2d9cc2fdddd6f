import ByteStrings
import Foundation

/// How alike two rankings of one query are.
public enum RankingOverlap {
    /// The documents that both have among their first `depth`, over those that either has; 1 for two empty rankings.
    ///
    /// - Complexity: O(depth).
    public static func jaccard(_ first: [ScoredDocument], _ second: [ScoredDocument], depth: Int) -> Double {
        let a = Set(first.prefix(depth).map { ByteString($0.id) })
        let b = Set(second.prefix(depth).map { ByteString($0.id) })
        let shared = a.intersection(b).count
        let either = a.count + b.count - shared
        return either > 0 ? Double(shared) / Double(either) : 1
    }

    /// Rank-biased overlap, extrapolated; 1 for two empty rankings, 0 where one is.
    ///
    /// Source: Webber, Moffat and Zobel, "A similarity measure for indefinite rankings", 2010, eq. 32.
    /// - Complexity: O(n) for n documents.
    public static func rankBiased(
        _ first: [ScoredDocument], _ second: [ScoredDocument], persistence p: Double = 0.9
    ) -> Double {
        let (short, long) = first.count < second.count ? (first, second) : (second, first)
        guard !short.isEmpty else { return long.isEmpty ? 1 : 0 }
        let (s, l) = (Double(short.count), Double(long.count))
        var (seen, shared, sharedAtShort, sum, power) = (Set<ByteString>(), 0.0, 0.0, 0.0, 1.0)
        for place in long.indices {
            for list in place < short.count ? [short, long] : [long] {
                if !seen.insert(ByteString(list[place].id)).inserted { shared += 1 }
            }
            if place < short.count { sharedAtShort = shared }
            let depth = Double(place + 1)
            power *= p
            sum += shared / depth * power
            if depth > s { sum += sharedAtShort * (depth - s) / (s * depth) * power }
        }
        return (1 - p) / p * sum + ((shared - sharedAtShort) / l + sharedAtShort / s) * power
    }
}
