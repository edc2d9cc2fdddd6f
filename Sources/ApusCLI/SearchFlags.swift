public import Apus
public import ArgumentParser
public import InvertedIndex
public import LearnedEncoder

extension SearchMode: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension QuerySide: ExpressibleByArgument {}
extension FusedQuery.Scaling: ExpressibleByArgument {}
extension Traversal: ExpressibleByArgument {}

/// What every verb that ranks takes, together.
///
/// Its groups stand in the commands themselves: in debug builds a group within a group is checked twenty times at every start.
struct SearchFlags {
    let ranking: RankingFlags
    let fusion: FusionFlags
    let feedback: FeedbackFlags
    let traversal: TraversalFlags

    /// What the flags ask for, and the index where they do not.
    func options(_ index: SearchIndex, mode: SearchMode?, hits: Int) -> SearchOptions {
        var options = ranking.options(index)
        options.mode = mode
        options.hits = hits
        options.feedback = feedback.choice
        options.fusion = fusion.fusion(weight: ranking.weight, tuned: index.settings.fusion)
        options.queryTerms = traversal.queryTerms
        options.ranges = traversal.ranges
        options.rangeTerms = traversal.rangeTerms
        options.deadline = traversal.deadline.map { .seconds($0 / 1000) }
        options.traversal = traversal.traversal
        options.verify = traversal.verify
        return options
    }
}

/// A verb that ranks.
protocol RankingCommand {
    var rankingFlags: RankingFlags { get }
    var fusionFlags: FusionFlags { get }
    var feedbackFlags: FeedbackFlags { get }
    var traversalFlags: TraversalFlags { get }
}

extension RankingCommand {
    var flags: SearchFlags {
        SearchFlags(ranking: rankingFlags, fusion: fusionFlags, feedback: feedbackFlags, traversal: traversalFlags)
    }
}

/// Options of every verb that opens an index.
struct IndexFlags: ParsableArguments {
    @Option(
        help: "The model's folder, when it is not where the index was built with it; or bundled, or tiny.",
        completion: .directory)
    var model: String?

    @Flag(help: "Search with another model than the index was built with.")
    var force = false

    @Option(help: "Open the commit with this number instead of the newest, where it is still there.")
    var commit: Int?

    /// - Parameters:
    ///   - shards: What answers as one with it.
    ///   - statistics: Files whose sum are the numbers of the whole collection; none for those of the documents here.
    func open(_ directory: String, shards: [String] = [], statistics: [String] = []) throws -> SearchIndex {
        let model = try model.map { try ModelChoice.argument($0, allowsNone: true) }
        guard !shards.isEmpty || !statistics.isEmpty else {
            return noted(try SearchIndex(directory, commit: commit, model: model, force: force))
        }
        guard commit == nil else { throw ValidationError("'--commit' is of one index; it does not go with shards.") }
        let index = try SearchIndex(
            shards: [directory] + shards,
            collection: statistics.isEmpty ? nil : try StatisticsDocument.sum(statistics), model: model, force: force)
        return noted(index)
    }

    private func noted(_ index: SearchIndex) -> SearchIndex {
        for note in index.notes { Terminal.note("note: \(note)") }
        return index
    }
}
