/// The names that ir_measures, trec_eval and ranx have for measures.
extension Measure {
    /// Reads several measures out of one text; white space or commas stand between them. A measure named twice is kept once.
    ///
    /// Also trec_eval's names for several (`P`, `iprec_at_recall`, `ndcg_cut.5,10`) and its sets `official`, `set` and `all_trec`.
    ///
    /// - Throws: ``EvaluationError/noMeasure`` and the errors of ``init(parsing:)``.
    public static func list(parsing text: String) throws(EvaluationError) -> [Measure] {
        var measures: [Measure] = []
        var prefix: String?
        for word in words(text) {
            if let prefix, Double(word) != nil {
                let measure = try Measure(parsing: prefix + word)
                if !measures.contains(measure) { measures.append(measure) }
                continue
            }
            prefix = word.firstIndex(of: ".").flatMap { dot in
                families.contains { $0.0 == word[..<dot].lowercased() } ? String(word[...dot]) : nil
            }
            for name in expansion(of: word) {
                let measure = try Measure(parsing: name)
                if !measures.contains(measure) { measures.append(measure) }
            }
        }
        if measures.isEmpty { throw .noMeasure }
        return measures
    }

    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var depth = 0
        for character in text {
            // The four numbers of utility are one argument.
            let isInside = depth > 0 || character == "," && isUnfinishedUtility(word)
            if !isInside, character.isWhitespace || character == "," {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            if character == "(" { depth += 1 }
            if character == ")" { depth = max(0, depth - 1) }
            word.append(character)
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static func isUnfinishedUtility(_ word: String) -> Bool {
        word.lowercased().hasPrefix("utility.") && word.count { $0 == "," } < 3
    }

    /// What trec_eval prints for a name that stands for several measures; else the name itself.
    private static func expansion(of word: String) -> [String] {
        switch word {
        case "P", "recall", "ndcg_cut", "map_cut", "relative_P": return depths.map { "\(word)_\($0)" }
        case "success": return [1, 5, 10].map { "success_\($0)" }
        case "unj": return [5, 10, 20].map { "unj_\($0)" }
        case "iprec_at_recall": return (0...10).map { "iprec_at_recall_\(Double($0) / 10)" }
        case "Rprec_mult": return (1...10).map { "Rprec_mult_\(Double($0) / 5)" }
        case "official": return official.flatMap(expansion)
        case "set": return (counts + ["utility"] + sets).flatMap(expansion)
        case "all_trec": return (official + more).flatMap(expansion)
        default: return [word]
        }
    }

    private static let depths = [5, 10, 15, 20, 30, 100, 200, 500, 1000]
    private static let counts = ["num_q", "num_ret", "num_rel", "num_rel_ret"]
    private static let official = counts + ["map", "gm_map", "Rprec", "bpref", "recip_rank", "iprec_at_recall", "P"]
    private static let sets = ["set_P", "set_recall", "set_relative_P", "set_map", "set_F"]
    private static let more =
        ["relstring", "recall", "infAP", "gm_bpref", "utility", "11pt_avg", "ideal_dcg", "dcg", "ndcg", "relative_P"]
        + ["Rprec_mult", "success", "map_cut", "ndcg_cut", "ndcg_rel", "Rndcg", "binG", "G"]
        + sets + ["num_nonrel_judged_ret"]

    /// Lower-case name → measure without a cut-off.
    static let names: [String: Measure] = {
        var names: [String: Measure] = [:]
        for kind in Kind.allCases { names[kind.rawValue.lowercased()] = Measure(kind: kind) }
        let aliases: [(String, Kind)] = [
            ("mrr", .RR), ("recip_rank", .RR), ("map", .AP), ("recall", .R), ("precision", .P), ("hit_rate", .Success),
            ("r-precision", .Rprec), ("r_precision", .Rprec), ("num_ret", .NumRet), ("num_rel", .NumRel),
            ("num_q", .NumQ), ("set_p", .SetP), ("set_recall", .SetR), ("set_f", .SetF), ("set_map", .SetAP),
            ("compatibility", .Compat), ("11-pt_avg", .elevenPoint),
        ]
        for (alias, kind) in aliases + families { names[alias] = Measure(kind: kind) }
        for alias in ["numrelret", "num_rel_ret"] {
            names[alias] = Measure(kind: .NumRet)
            names[alias]?.relevance = 1
        }
        for alias in ["setrelp", "set_relative_p"] {
            names[alias] = Measure(kind: .SetP)
            names[alias]?.isRelative = true
        }
        for (alias, kind) in [("ndcg_burges", Kind.nDCG), ("dcg_burges", .dcg)] {
            names[alias] = Measure(kind: kind)
            names[alias]?.gain = .exponential
        }
        return names
    }()

    /// What trec_eval writes before `_10` or `.10`.
    static let families: [(String, Kind)] = [
        ("ndcg_cut", .nDCG), ("recall", .R), ("p", .P), ("map_cut", .AP), ("success", .Success),
        ("relative_p", .relativeP),
        ("iprec_at_recall", .IPrec), ("rprec_mult", .multipleRprec), ("set_f", .SetF), ("rbp", .RBP),
        ("utility", .utility), ("relstring", .relstring), ("unj", .unjudged),
    ]

    static let preferences =
        "it needs preferences between documents (trec_eval -R prefs), not judgements of documents; use trec_eval"

    /// Lower-case name → why not.
    static let unsupported: [String: String] = {
        let topics =
            "it needs judgements of subtopics, each line with the subtopic in the second column, and Apus reads one judgement "
            + "for a document; use pyndeval or ndeval"
        let gains =
            "it needs gains scaled by the highest grade of the C/W/L framework; use cwl_eval. Near to it are ERR, RBP and nDCG"
        let groups = "it needs judgements of several judges (trec_eval -R qrels_jg); use trec_eval"
        var reasons: [String: String] = [:]
        for name in [
            "alpha_ndcg", "α_ndcg", "alpha_dcg", "α_dcg", "err_ia", "nerr_ia", "nrbp", "nnrbp", "ap_ia", "map_ia",
            "p_ia", "strecall",
        ] {
            reasons[name] = topics
        }
        for name in ["bpm", "sdcg", "nerr8", "nerr9", "nerr10", "nerr11", "inst", "insq"] { reasons[name] = gains }
        for name in ["map_avgjg", "p_avgjg", "rprec_mult_avgjg"] { reasons[name] = groups }
        reasons["rbp_resid"] = "trec_eval has it with a fixed persistence only; use RBP beside Judged@10"
        reasons["runid"] = "it is the name of the run and no measure"
        return reasons
    }()
}
