import ByteStrings
import InvertedIndex
import LearnedEncoder

/// What the approximate options of a search do to it, and how an answer says so.
enum Approximation {
    /// The options in force, for people.
    static func summary(_ options: SearchOptions, learned: Bool) -> [String] {
        [
            learned ? options.queryTerms.map { "the \($0) heaviest query terms" } : nil,
            options.ranges.map { "at most \($0) ranges" }, options.rangeTerms.map { "chosen by \($0) terms" },
            options.deadline.map { "\(milliseconds($0)) ms" },
        ].compactMap { $0 }
    }

    private static func milliseconds(_ time: Duration) -> Double { (time.seconds * 1e6).rounded() / 1000 }

    /// The part of a run tag that names the options in force: `-approximate(terms=8,ranges=64)`, or nothing.
    static func tag(_ options: SearchOptions, learned: Bool) -> String {
        let parts = [
            learned ? options.queryTerms.map { "terms=\($0)" } : nil,
            options.ranges.map { "ranges=\($0)" },
            options.rangeTerms.map { "range-terms=\($0)" },
            options.deadline.map { "deadline=\(milliseconds($0).formatted)ms" },
        ].compactMap { $0 }
        return parts.isEmpty ? "" : "-approximate(\(parts.joined(separator: ",")))"
    }

    /// The limits of a traversal that may use the first `share` of the time from `start` on.
    static func limits(_ options: SearchOptions, _ start: ContinuousClock.Instant, share: Double = 1) -> SearchLimits {
        SearchLimits(
            ranges: options.ranges, boundTerms: options.rangeTerms,
            deadline: options.deadline.map { start.advanced(by: .seconds($0.seconds * share)) })
    }

    /// One sentence for people: what was left out, and what is proved nevertheless.
    static func note(_ answer: SearchAnswer) -> String {
        var parts: [String] = []
        if answer.cutTerms > 0 { parts.append("\(answer.cutTerms) light query terms were cut off") }
        for search in answer.searches where !search.certificate.isExact {
            let counters = search.counters
            parts.append(
                "\(counters.rangesScored) of \(counters.ranges) ranges were scored, \(counters.rangesCut) more could hold a hit, "
                    + "\(search.certificate.exactHits) of \(search.hits.count) hits are proved exact")
        }
        return "approximate: " + parts.joined(separator: "; ") + "."
    }
}

extension Query {
    /// Keeps only the `limit` terms that are the heaviest in a search of the snapshot, equal weights by term.
    /// - Returns: How many were cut off.
    /// - Throws: `IndexError`.
    mutating func keepHeaviest(_ limit: Int, in snapshot: IndexSnapshot) throws -> Int {
        guard terms.count > limit else { return 0 }
        let cut = terms.count - limit
        let places = HeaviestFirst.places(try snapshot.effectiveWeights(of: self), terms.map { ByteString($0.term) })
        terms = places.prefix(limit).map { terms[$0] }
        return cut
    }
}
