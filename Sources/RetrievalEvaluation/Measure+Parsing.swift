extension Measure {
    /// Reads one measure: a name of ir_measures (`nDCG@10`, `P(rel=2)@5`), trec_eval (`ndcg_cut_10`, `recip_rank`, `map`)
    /// or ranx (`ndcg@10`, `mrr@10`). Capitals do not matter.
    ///
    /// - Throws: ``EvaluationError/unknownMeasure(_:)`` or ``EvaluationError/badParameter(measure:detail:)``.
    public init(parsing text: String) throws(EvaluationError) {
        let parts = try Measure.parts(of: text)
        var lowered = parts.name.lowercased()
        var cutoff = parts.cutoff
        var measure: Measure
        if let known = Measure.names[lowered] {
            measure = known
        } else if let split = lowered.lastIndex(where: { $0 == "_" || $0 == "." }),
            let known = Measure.prefixes[String(lowered[..<split])], cutoff == nil,
            let number = Int(lowered[lowered.index(after: split)...])
        {
            // trec_eval writes the cut-off behind an underscore, or a dot on its command line: P_5, recall.1000.
            measure = known
            cutoff = number
        } else if lowered.hasPrefix("rbp."), let persistence = Double("0" + lowered.dropFirst(3)) {
            lowered = "rbp"
            measure = Measure(kind: .RBP)
            measure.persistence = persistence
        } else {
            throw .unknownMeasure(text)
        }
        for (key, value) in parts.parameters {
            try measure.set(key, to: value, in: text)
        }
        if let cutoff { measure.cutoff = cutoff }
        try measure.validate(text)
        self = measure
    }

    /// Reads several measures out of one text; white space or commas stand between them. A measure named twice is kept once.
    ///
    /// - Throws: ``EvaluationError/noMeasure`` and the errors of ``init(parsing:)``.
    public static func list(parsing text: String) throws(EvaluationError) -> [Measure] {
        var words: [String] = []
        var word = ""
        var depth = 0
        for character in text {
            if depth == 0, character.isWhitespace || character == "," {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            if character == "(" { depth += 1 }
            if character == ")" { depth = max(0, depth - 1) }
            word.append(character)
        }
        if !word.isEmpty { words.append(word) }
        var measures: [Measure] = []
        for word in words {
            let measure = try Measure(parsing: word)
            if !measures.contains(measure) { measures.append(measure) }
        }
        if measures.isEmpty { throw .noMeasure }
        return measures
    }

    /// Cuts `Name(key=value,…)@cutoff` into its parts.
    private static func parts(
        of text: String
    ) throws(EvaluationError) -> (name: String, parameters: [(String, String)], cutoff: Int?) {
        var rest = Substring(text.filter { !$0.isWhitespace })
        var cutoff: Int?
        if let at = rest.lastIndex(of: "@") {
            let number = rest[rest.index(after: at)...]
            guard let value = Int(number) else {
                throw .badParameter(measure: text, detail: "the cut-off '\(number)' is not a whole number")
            }
            cutoff = value
            rest = rest[..<at]
        }
        guard let open = rest.firstIndex(of: "(") else { return (String(rest), [], cutoff) }
        guard rest.last == ")" else {
            throw .badParameter(measure: text, detail: "the parenthesis is not closed")
        }
        var parameters: [(String, String)] = []
        let inner = rest[rest.index(after: open)...].dropLast()
        for assignment in inner.split(separator: ",") {
            guard let equals = assignment.firstIndex(of: "=") else {
                throw .badParameter(measure: text, detail: "'\(assignment)' is not of the form name=value")
            }
            let value = assignment[assignment.index(after: equals)...].filter { $0 != "'" && $0 != "\"" }
            parameters.append((String(assignment[..<equals]).lowercased(), value))
        }
        return (String(rest[..<open]), parameters, cutoff)
    }

    private mutating func set(_ key: String, to value: String, in text: String) throws(EvaluationError) {
        switch (key, kind) {
        case ("rel", .RR), ("rel", .R), ("rel", .AP), ("rel", .P), ("rel", .Success), ("rel", .Rprec), ("rel", .Bpref),
            ("rel", .RBP), ("rel", .NumRet), ("rel", .NumRel):
            guard let number = Int(value), number >= 0 else {
                throw .badParameter(measure: text, detail: "rel must be a whole number of at least 0, not '\(value)'")
            }
            // 1 is what every measure but NumRet assumes, so it is not part of the name.
            relevance = number == 1 && kind != .NumRet ? nil : number
        case ("p", .RBP):
            guard let number = Double(value) else {
                throw .badParameter(measure: text, detail: "p must be a number, not '\(value)'")
            }
            persistence = number
        case ("dcg", .nDCG):
            guard let known = Gain(rawValue: value) else {
                throw .badParameter(measure: text, detail: "dcg must be 'log2' or 'exp-log2', not '\(value)'")
            }
            gain = known
        case ("cutoff", _):
            guard let number = Int(value) else {
                throw .badParameter(measure: text, detail: "the cut-off '\(value)' is not a whole number")
            }
            cutoff = number
        default:
            throw .badParameter(measure: text, detail: "\(kind.rawValue) has no parameter '\(key)'")
        }
    }

    private func validate(_ text: String) throws(EvaluationError) {
        if let cutoff, cutoff < 1 {
            throw .badParameter(measure: text, detail: "the cut-off must be at least 1, not \(cutoff)")
        }
        switch kind {
        case .P, .R, .Success:
            if cutoff == nil {
                throw .badParameter(
                    measure: text, detail: "\(kind.rawValue) needs a cut-off, as in '\(kind.rawValue)@10'")
            }
        case .Rprec, .Bpref, .NumRet, .NumRel, .NumQ:
            if cutoff != nil { throw .badParameter(measure: text, detail: "\(kind.rawValue) has no cut-off") }
        case .RBP:
            if !(persistence > 0 && persistence < 1) {
                throw .badParameter(measure: text, detail: "p must lie between 0 and 1, not \(persistence)")
            }
        case .nDCG, .RR, .AP, .Judged, .ERR: break
        }
    }

    /// Lower-case name → measure without a cut-off.
    private static let names: [String: Measure] = {
        var names: [String: Measure] = [:]
        for kind in Kind.allCases { names[kind.rawValue.lowercased()] = Measure(kind: kind) }
        let aliases: [(String, Kind)] = [
            ("mrr", .RR), ("recip_rank", .RR), ("map", .AP), ("recall", .R), ("precision", .P), ("hit_rate", .Success),
            ("r-precision", .Rprec), ("r_precision", .Rprec), ("num_ret", .NumRet), ("num_rel", .NumRel),
            ("num_q", .NumQ),
        ]
        for (alias, kind) in aliases { names[alias] = Measure(kind: kind) }
        var retrieved = Measure(kind: .NumRet)
        retrieved.relevance = 1
        names["numrelret"] = retrieved
        names["num_rel_ret"] = retrieved
        var burges = Measure(kind: .nDCG)
        burges.gain = .exponential
        names["ndcg_burges"] = burges
        return names
    }()

    /// What trec_eval writes before `_10` or `.10`.
    private static let prefixes: [String: Measure] = [
        "ndcg_cut": Measure(kind: .nDCG), "recall": Measure(kind: .R), "p": Measure(kind: .P),
        "map_cut": Measure(kind: .AP), "success": Measure(kind: .Success),
    ]
}
