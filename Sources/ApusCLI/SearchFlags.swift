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
    @Option(
        help:
            "Only documents whose metadata fit: 'year >= 2020 AND lang = \"en\" AND NOT tags : \"draft\"' (= != < <= > >= ^= : IN EXISTS AND OR NOT). BM25 keeps the statistics of the whole collection. The article Filters has the grammar."
    )
    var filter: String?

    @Option(
        help:
            "Multiply the scores of documents that a filter lets through, in every mode: 'host = \"docs.example.org\":1.5'. May be given several times; of hybrid answers both lists are boosted before they are fused."
    )
    var boost: [String] = []

    @Option(help: "What encodes queries: siamese (the encoder), inference-free (a table look-up) or blended (both).")
    var querySide: QuerySide?

    @OptionGroup var fusionFlags: FusionFlags
    @OptionGroup var feedbackFlags: FeedbackFlags

    @Option(
        help: "Weight of the learned score in a weighted sum of two lists and in fused mode, 0 to 1; BM25 has the rest."
    )
    var weight = SearchOptions().fusedWeight

    @Option(help: "What fused scores are divided by first: maximum (the query's largest possible score) or none.")
    var scaling = SearchOptions().fusedScaling

    @Option(help: "How deep each list goes before fusion.")
    var depth = SearchOptions().depth

    @Option(name: .customLong("k1"), help: "BM25's term saturation.")
    var bm25K1 = BM25Parameters().k1

    @Option(name: .customLong("b"), help: "BM25's length normalisation, 0 to 1.")
    var bm25B = BM25Parameters().b

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
        do { _ = try filter.map { try Filter(parsing: $0) } } catch { throw ValidationError("\(error)") }
        do { _ = try boost.map { try Boost(parsing: $0) } } catch { throw ValidationError("\(error)") }
        guard (0...1).contains(weight) else {
            throw ValidationError("'--weight' must be between 0 and 1, not \(weight).")
        }
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
        guard depth > 0 else { throw ValidationError("'--depth' must be at least 1, not \(depth).") }
        guard (0...1000).contains(bm25K1) else {
            throw ValidationError("'--k1' must be between 0 and 1000, not \(bm25K1).")
        }
        guard (0...1).contains(bm25B) else { throw ValidationError("'--b' must be between 0 and 1, not \(bm25B).") }
    }

    func options(mode: SearchMode?, hits: Int) -> SearchOptions {
        var options = SearchOptions()
        options.filter = filter.flatMap { try? Filter(parsing: $0) }  // Read before, by validate().
        options.mode = mode
        options.hits = hits
        options.boosts = boost.compactMap { try? Boost(parsing: $0) }
        options.depth = depth
        options.feedback = feedbackFlags.choice
        options.fusion = fusionFlags.fusion(weight: weight)
        options.fusedWeight = weight
        options.fusedScaling = scaling
        options.bm25 = BM25Parameters(k1: bm25K1, b: bm25B)
        options.side = querySide
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
