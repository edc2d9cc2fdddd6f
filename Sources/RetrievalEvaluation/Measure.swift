/// An effectiveness measure with its parameters, for example `nDCG@10` or `P(rel=2)@5`.
///
///     let measures = try Measure.list(parsing: "nDCG@10 recip_rank recall@1000")
///     measures.map(\.name)      // ["nDCG@10", "RR", "R@1000"]
///
/// Values equal those of trec_eval (through ir_measures for the few that trec_eval lacks).
public struct Measure: Sendable, Hashable {
    /// The family of the measure; the raw value is its name in ir_measures, or else in trec_eval.
    enum Kind: String, Sendable, CaseIterable {
        case nDCG, RR, R, AP, P, Success, Judged, Rprec, Bpref, RBP, ERR, NumRet, NumRel, NumQ
        case infAP, IPrec, SetP, SetR, SetF, SetAP, Compat, Accuracy
        case binG, G, Rndcg, utility, relstring, yaap, dcg
        case geometricAP = "gm_map"
        case geometricBpref = "gm_bpref"
        case elevenPoint = "11pt_avg"
        case multipleRprec = "Rprec_mult"
        case relativeP = "relative_P"
        case nDCGOfRelevant = "ndcg_rel"
        case idealDCG = "ideal_dcg"
        case unjudged = "unj"
        case judgedNonrelevant = "num_nonrel_judged_ret"
    }

    /// How nDCG turns a grade into a gain.
    enum Gain: String, Sendable {
        /// The grade itself, as in trec_eval.
        case linear = "log2"
        /// 2^grade − 1, as in gdeval.
        case exponential = "exp-log2"
    }

    let kind: Kind
    /// Only this many documents count; nil means all.
    var cutoff: Int?
    /// The lowest grade that counts as relevant; nil means the measure's own default.
    var relevance: Int?
    /// Whether documents without a judgement are taken out of the ranking first (trec_eval -J).
    var isJudgedOnly = false
    var gain = Gain.linear
    /// The recall of `IPrec`, or the multiple of the number of relevant documents of `Rprec_mult`.
    var level: Double?
    /// The persistence of `RBP` and `Compat`, the beta of `SetF`.
    var weight: Double
    /// Whether `Compat` is divided by its value for the best ranking.
    var isNormalized = true
    /// Whether `SetP` is relative to the best that a set of that size can have.
    var isRelative = false
    /// What `utility` gives for relevant and other documents that were found, and for those that were not.
    var utilities = Measure.usualUtilities

    /// A sample of names for messages.
    static let examples =
        "nDCG@10, RR@10, R@1000, AP, P(rel=2)@5, Success@5, Judged@10, Rprec, Bpref, RBP(p=0.8), ERR@20, IPrec@0.1, infAP, "
        + "SetP, SetR, SetF, SetAP, Compat(p=0.95), NumRet, NumRel, NumQ, and trec_eval's, as gm_map, 11pt_avg, relstring_10"

    static let usualUtilities: [Double] = [1, -1, 0, 0]

    init(kind: Kind) {
        self.kind = kind
        weight = kind == .RBP ? 0.8 : kind == .Compat ? 0.95 : 1
    }

    /// The spelling of ir_measures, for example `nDCG@10`, `P(rel=2)@5`, `RBP(p=0.8)`; where it has none, that of trec_eval.
    public var name: String {
        var parameters: [String] = []
        if let relevance { parameters.append("rel=\(relevance)") }
        if kind == .RBP || kind == .Compat { parameters.append("p=\(weight)") }
        if kind == .SetF, weight != 1 { parameters.append("beta=\(weight)") }
        if !isNormalized { parameters.append("normalize=False") }
        if isRelative { parameters.append("relative=True") }
        if gain != .linear { parameters.append("dcg='\(gain.rawValue)'") }
        if isJudgedOnly { parameters.append("judged_only=True") }
        let list = parameters.isEmpty ? "" : "(" + parameters.joined(separator: ",") + ")"
        return kind.rawValue + list + suffix
    }

    private var suffix: String {
        if kind == .utility, utilities != Self.usualUtilities {
            return "." + utilities.map { "\($0)" }.joined(separator: ",")
        }
        return level.map { "@\($0)" } ?? cutoff.map { "@\($0)" } ?? ""
    }

    /// Whether two runs can differ in it: false for `NumRel`, `NumQ` and `ideal_dcg`, which are about the judgements alone, and for texts.
    public var isOfTheRun: Bool { kind != .NumRel && kind != .NumQ && kind != .idealDCG && !isText }

    /// Whether the value over all queries is the sum instead of the mean: true for the counts.
    public var isSummed: Bool {
        kind == .NumRet || kind == .NumRel || kind == .NumQ || kind == .judgedNonrelevant
    }

    /// Whether queries have the natural logarithm as their value, and all queries the exponential of its mean: `gm_map`, `gm_bpref`.
    public var isGeometric: Bool { kind == .geometricAP || kind == .geometricBpref }

    /// Whether queries have a text instead of a number, and all queries nothing: true for `relstring`.
    public var isText: Bool { kind == .relstring }

    /// The same measure on rankings without their unjudged documents; itself where that is its subject (`Judged`, `unj`).
    public var ofJudgedDocuments: Measure {
        var copy = self
        copy.isJudgedOnly = kind != .Judged && kind != .unjudged
        return copy
    }
}

extension Measure: CustomStringConvertible {
    /// The same as ``name``.
    public var description: String { name }
}
