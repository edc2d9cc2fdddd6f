import Apus
import ArgumentParser
import InvertedIndex

/// How an index weights terms beside what its model says of them.
struct WeightingFlags: ParsableArguments {
    @Option(
        help: """
            Multiply each learned query weight by the term's idf in the index to this power, 0 to 2; \
            \(Weighting.bundledIDFPower) with a bundled model, else 0. A search can ask for another one.
            """)
    var idfPower: Double?

    @Option(
        help: """
            Divide each learned document vector by (its L2 norm / the mean norm) to this power, 0 to 1; \
            \(Weighting.bundledNormPower) with a bundled model, else 0.
            """)
    var normPower: Double?

    @Option(
        help: """
            Impact per unit of learned weight; chosen from the first 512 documents unless given. Parts that are built apart agree on             one: that of a sample, as 'apus stats --json' says.
            """)
    var learnedScale: Float?

    @Option(help: "The mean L2 norm of document vectors for --norm-power, likewise agreed on.")
    var meanNorm: Double?

    @Option(name: .customLong("k1"), help: "BM25's term saturation for searches that ask for none; 0.9 unless given.")
    var bm25K1: Float?

    @Option(name: .customLong("b"), help: "BM25's length normalisation, 0 to 1, likewise; 0.4 unless given.")
    var bm25B: Float?

    @Option(
        help: """
            How often BM25 counts the words of a title, 1 to 100; \(Weighting.titleWeight) unless given. With 1 scores are Anserini's.
            """)
    var titleWeight: Int?

    @Option(
        help: """
            Raise the learned weights of a title's own terms by this share, 0 to 10; \(Weighting.bundledTitleBoost) with a \
            bundled model, else 0.
            """)
    var titleBoost: Double?

    func validate() throws {
        try Self.validate(idfPower: idfPower)
        guard normPower.map(VectorNorms.powers.contains) ?? true else {
            throw ValidationError("'--norm-power' must be between 0 and 1, not \(normPower ?? 0).")
        }
        guard learnedScale.map({ $0 > 0 && $0.isFinite }) ?? true else {
            throw ValidationError("'--learned-scale' must be a number above 0, not \(learnedScale ?? 0).")
        }
        guard meanNorm.map({ $0 > 0 && $0.isFinite }) ?? true else {
            throw ValidationError("'--mean-norm' must be a number above 0, not \(meanNorm ?? 0).")
        }
        guard titleWeight.map((1...100).contains) ?? true else {
            throw ValidationError("'--title-weight' must be between 1 and 100, not \(titleWeight ?? 0).")
        }
        guard titleBoost.map((0...10).contains) ?? true else {
            throw ValidationError("'--title-boost' must be between 0 and 10, not \(titleBoost ?? 0).")
        }
        try Self.validate(k1: bm25K1, b: bm25B)
    }

    static func validate(idfPower: Double?) throws {
        guard idfPower.map(InverseDocumentFrequency.powers.contains) ?? true else {
            throw ValidationError("'--idf-power' must be between 0 and 2, not \(idfPower ?? 0).")
        }
    }

    static func validate(k1: Float?, b: Float?) throws {
        guard k1.map({ (0...1000).contains($0) }) ?? true else {
            throw ValidationError("'--k1' must be between 0 and 1000, not \(k1 ?? 0).")
        }
        guard b.map({ (0...1).contains($0) }) ?? true else {
            throw ValidationError("'--b' must be between 0 and 1, not \(b ?? 0).")
        }
    }
}
