/// An effectiveness measure with its parameters, for example `nDCG@10` or `P(rel=2)@5`.
///
///     let measures = try Measure.list(parsing: "nDCG@10 recip_rank recall@1000")
///     measures.map(\.name)      // ["nDCG@10", "RR", "R@1000"]
///
/// Values equal those of trec_eval (through ir_measures for the few that trec_eval lacks).
public struct Measure: Sendable, Hashable {
    /// The family of the measure.
    enum Kind: String, Sendable, CaseIterable {
        case nDCG, RR, R, AP, P, Success, Judged, Rprec, Bpref, RBP, ERR, NumRet, NumRel, NumQ
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
    /// The chance that the user of RBP goes on to the next document.
    var persistence = 0.8
    var gain = Gain.linear

    /// A sample of names for messages.
    static let examples =
        "nDCG@10, RR@10, R@1000, AP, P(rel=2)@5, Success@5, Judged@10, Rprec, Bpref, RBP(p=0.8), ERR@20, NumRet, NumRel, NumQ"

    init(kind: Kind) { self.kind = kind }

    /// The spelling of ir_measures, for example `nDCG@10`, `P(rel=2)@5`, `RBP(p=0.8)`.
    public var name: String {
        var parameters: [String] = []
        if let relevance { parameters.append("rel=\(relevance)") }
        if kind == .RBP { parameters.append("p=\(persistence)") }
        if gain != .linear { parameters.append("dcg='\(gain.rawValue)'") }
        let list = parameters.isEmpty ? "" : "(" + parameters.joined(separator: ",") + ")"
        return kind.rawValue + list + (cutoff.map { "@\($0)" } ?? "")
    }

    /// Whether two runs can differ in it: false for `NumRel` and `NumQ`, which are about the judgements alone.
    var isOfTheRun: Bool { kind != .NumRel && kind != .NumQ }

    /// Whether the value over all queries is the sum instead of the mean: true for the counts `NumRet`, `NumRel`, `NumQ`.
    public var isSummed: Bool { kind == .NumRet || kind == .NumRel || kind == .NumQ }
}

extension Measure: CustomStringConvertible {
    /// The same as ``name``.
    public var description: String { name }
}
