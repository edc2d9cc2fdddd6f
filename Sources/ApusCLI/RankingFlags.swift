import Apus
import ArgumentParser
import InvertedIndex
import LearnedEncoder

/// What scores are made of, for every verb that ranks.
struct RankingFlags: ParsableArguments {
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

    @Option(
        help:
            "Weight of the learned score in a weighted sum of two lists and in fused mode, 0 to 1; BM25 has the rest. 0.6 unless given, or what the index was tuned to."
    )
    var weight: Double?

    @Option(help: "What fused scores are divided by first: maximum (the query's largest possible score) or none.")
    var scaling = SearchOptions().fusedScaling

    @Option(help: "How deep each list goes before fusion.")
    var depth = SearchOptions().depth

    @Option(name: .customLong("k1"), help: "BM25's term saturation; the index's unless given (0.9 by default).")
    var bm25K1: Float?

    @Option(
        name: .customLong("b"), help: "BM25's length normalisation, 0 to 1; the index's unless given (0.4 by default).")
    var bm25B: Float?

    @Option(
        help:
            "Multiply each learned query weight by the term's idf in the index to this power, 0 to 2; the index's unless given."
    )
    var idfPower: Double?

    func validate() throws {
        do { _ = try filter.map { try Filter(parsing: $0) } } catch { throw ValidationError("\(error)") }
        do { _ = try boost.map { try Boost(parsing: $0) } } catch { throw ValidationError("\(error)") }
        guard weight.map((0...1).contains) ?? true else {
            throw ValidationError("'--weight' must be between 0 and 1, not \(weight ?? 0).")
        }
        guard depth > 0 else { throw ValidationError("'--depth' must be at least 1, not \(depth).") }
        try WeightingFlags.validate(k1: bm25K1, b: bm25B)
        try WeightingFlags.validate(idfPower: idfPower)
    }

    /// What the flags ask for, and the index where they do not.
    func options(_ index: SearchIndex) -> SearchOptions {
        let settings = index.settings
        var options = SearchOptions()
        options.filter = filter.flatMap { try? Filter(parsing: $0) }  // Read before, by validate().
        options.boosts = boost.compactMap { try? Boost(parsing: $0) }
        options.depth = depth
        options.fusedWeight = weight ?? options.fusedWeight
        options.fusedScaling = scaling
        options.bm25 = BM25Parameters(k1: bm25K1 ?? settings.bm25.k1, b: bm25B ?? settings.bm25.b)
        options.idfPower = idfPower ?? settings.idfPower
        options.side = querySide
        return options
    }
}
