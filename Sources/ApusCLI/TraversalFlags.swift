import ArgumentParser
import InvertedIndex

/// How posting lists are walked, and how much of them.
struct TraversalFlags: ParsableArguments {
    @Option(help: "Approximate: search with only the N heaviest learned terms of each query; the run tag says so.")
    var queryTerms: Int?

    @Option(
        help:
            "Approximate: score at most N ranges of 32 documents in each traversal of a query, those with the best bounds; the run tag says so."
    )
    var ranges: Int?

    @Option(
        help:
            "With --ranges or --deadline: choose ranges by only the N strongest terms of a query, which is faster and chooses worse; documents are scored with all of them; the run tag says so."
    )
    var rangeTerms: Int?

    @Option(
        help:
            "Approximate: score no further ranges when MS milliseconds have passed since a query's traversal began (encoding not counted; of a hybrid query the learned list gets the first half); the run tag says so."
    )
    var deadline: Double?

    @Option(help: "How posting lists are walked; all give the same hits. With --ranges or --deadline it is range.")
    var traversal = Traversal.automatic

    @Flag(help: "Replay every query exhaustively and fail on any difference.")
    var verify = false

    func validate() throws {
        guard queryTerms.map({ $0 > 0 }) ?? true else {
            throw ValidationError("'--query-terms' must be at least 1, not \(queryTerms ?? 0).")
        }
        guard ranges.map({ $0 > 0 }) ?? true else {
            throw ValidationError("'--ranges' must be at least 1, not \(ranges ?? 0).")
        }
        guard rangeTerms.map({ $0 > 0 }) ?? true else {
            throw ValidationError("'--range-terms' must be at least 1, not \(rangeTerms ?? 0).")
        }
        guard rangeTerms == nil || ranges != nil || deadline != nil else {
            throw ValidationError("'--range-terms' needs --ranges or --deadline.")
        }
        guard deadline.map({ $0 >= 0 && $0 < 1e9 }) ?? true else {
            throw ValidationError("'--deadline' takes milliseconds from 0 on, not \(deadline ?? 0).")
        }
        guard (ranges == nil && deadline == nil) || [.automatic, .range].contains(traversal) else {
            throw ValidationError(
                "'--ranges' and '--deadline' go by range; leave '--traversal \(traversal.rawValue)' out.")
        }
    }
}
