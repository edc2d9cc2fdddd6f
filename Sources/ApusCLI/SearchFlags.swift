public import Apus
public import ArgumentParser
public import InvertedIndex
public import LearnedEncoder

extension SearchMode: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension QuerySide: ExpressibleByArgument {}
extension FusedQuery.Scaling: ExpressibleByArgument {}
extension Traversal: ExpressibleByArgument {}

/// Options shared by every verb that ranks.
struct SearchFlags: ParsableArguments {
    @OptionGroup var ranking: RankingFlags

    @OptionGroup var fusionFlags: FusionFlags
    @OptionGroup var feedbackFlags: FeedbackFlags

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

    /// What the flags ask for, and the index where they do not.
    func options(_ index: SearchIndex, mode: SearchMode?, hits: Int) -> SearchOptions {
        var options = ranking.options(index)
        options.mode = mode
        options.hits = hits
        options.feedback = feedbackFlags.choice
        options.fusion = fusionFlags.fusion(weight: ranking.weight, tuned: index.settings.fusion)
        options.queryTerms = queryTerms
        options.ranges = ranges
        options.rangeTerms = rangeTerms
        options.deadline = deadline.map { .seconds($0 / 1000) }
        options.traversal = traversal
        options.verify = verify
        return options
    }
}

/// Options of every verb that opens an index.
struct IndexFlags: ParsableArguments {
    @Option(
        help: "The model's folder, when it is not where the index was built with it; or bundled.",
        completion: .directory)
    var model: String?

    @Flag(help: "Search with another model than the index was built with.")
    var force = false

    @Option(help: "Open the commit with this number instead of the newest, where it is still there.")
    var commit: Int?

    func open(_ directory: String) throws -> SearchIndex {
        let index = try SearchIndex(
            directory, commit: commit, model: try model.map { try ModelChoice.argument($0, allowsNone: true) },
            force: force)
        for note in index.notes { Terminal.note("note: \(note)") }
        return index
    }
}
