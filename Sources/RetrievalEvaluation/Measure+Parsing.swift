extension Measure {
    /// Reads one measure: a name of ir_measures (`nDCG@10`, `P(rel=2)@5`), trec_eval (`ndcg_cut_10`, `recip_rank`, `map`)
    /// or ranx (`ndcg@10`, `mrr@10`). Capitals do not matter.
    ///
    /// - Throws: ``EvaluationError/unknownMeasure(_:)``, ``EvaluationError/unsupportedMeasure(_:reason:)`` or
    ///   ``EvaluationError/badParameter(measure:detail:)``.
    public init(parsing text: String) throws(EvaluationError) {
        let parts = try Measure.parts(of: text)
        let lowered = parts.name.lowercased()
        var measure: Measure
        if let known = Measure.names[lowered] {
            measure = known
        } else if let (family, argument) = Measure.family(lowered), parts.cutoff == nil {
            measure = Measure(kind: family)
            guard try measure.set(argument, in: text) else { throw .unknownMeasure(text) }
        } else if let reason = Measure.unsupported[lowered] ?? (lowered.hasPrefix("prefs_") ? Measure.preferences : nil)
        {
            throw .unsupportedMeasure(parts.name, reason: reason)
        } else {
            throw .unknownMeasure(text)
        }
        for (key, value) in parts.parameters { try measure.set(key, to: value, in: text) }
        if let cutoff = parts.cutoff { try measure.setCutoff(cutoff, in: text) }
        try measure.validate(text)
        self = measure
    }

    /// Cuts `Name(key=value,…)@cutoff` into its parts.
    private static func parts(
        of text: String
    ) throws(EvaluationError) -> (name: String, parameters: [(String, String)], cutoff: String?) {
        var rest = Substring(text.filter { !$0.isWhitespace })
        var cutoff: String?
        if let at = rest.lastIndex(of: "@") {
            cutoff = String(rest[rest.index(after: at)...])
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

    /// trec_eval writes an argument behind an underscore, or a dot on its command line: `P_5`, `recall.1000`, `set_F.0.5`.
    static func family(_ name: String) -> (Kind, argument: String)? {
        for (prefix, kind) in families where name.hasPrefix(prefix) {
            let rest = name.dropFirst(prefix.count)
            if let mark = rest.first, mark == "_" || mark == ".", rest.count > 1 {
                // ranx writes rbp.95 for 0.95.
                return (
                    kind,
                    kind == .RBP && !rest.dropFirst().contains(".") ? "0." + rest.dropFirst() : String(rest.dropFirst())
                )
            }
        }
        return nil
    }

    /// - Returns: Whether the argument is one.
    private mutating func set(_ argument: String, in text: String) throws(EvaluationError) -> Bool {
        switch kind {
        case .utility:
            let numbers = argument.split(separator: ",").compactMap { Double($0) }
            guard numbers.count == 4, numbers.allSatisfy(\.isFinite) else {
                throw .badParameter(measure: text, detail: "utility takes four numbers")
            }
            utilities = numbers
        case .IPrec, .multipleRprec, .SetF, .RBP:
            guard let number = Double(argument) else { return false }
            if kind == .SetF || kind == .RBP { weight = number } else { level = number }
        default:
            guard let number = Int(argument) else { return false }
            cutoff = number
        }
        return true
    }

    private mutating func setCutoff(_ text: String, in measure: String) throws(EvaluationError) {
        if kind == .IPrec || kind == .multipleRprec {
            guard let number = Double(text) else {
                throw .badParameter(measure: measure, detail: "'\(text)' is not a number")
            }
            level = number
        } else {
            guard let number = Int(text) else {
                throw .badParameter(measure: measure, detail: "the cut-off '\(text)' is not a whole number")
            }
            cutoff = number
        }
    }

    private mutating func set(_ key: String, to value: String, in text: String) throws(EvaluationError) {
        switch (key, kind) {
        case ("rel", _) where isBinary:
            guard let number = Int(value), number >= 0 else {
                throw .badParameter(measure: text, detail: "rel must be a whole number of at least 0, not '\(value)'")
            }
            // 1 is what every measure but NumRet assumes, so it is not part of the name.
            relevance = number == 1 && kind != .NumRet ? nil : number
        case ("p", .RBP), ("p", .Compat), ("beta", .SetF):
            guard let number = Double(value) else {
                throw .badParameter(measure: text, detail: "\(key) must be a number, not '\(value)'")
            }
            weight = number
        case ("normalize", .Compat): isNormalized = try flag(key, value, text)
        case ("relative", .SetP): isRelative = try flag(key, value, text)
        case ("judged_only", _) where kind != .Judged && kind != .unjudged: isJudgedOnly = try flag(key, value, text)
        case ("dcg", .nDCG), ("dcg", .dcg), ("dcg", .idealDCG):
            guard let known = Gain(rawValue: value) else {
                throw .badParameter(measure: text, detail: "dcg must be 'log2' or 'exp-log2', not '\(value)'")
            }
            gain = known
        case ("recall", .IPrec): try setCutoff(value, in: text)
        case ("cutoff", _): try setCutoff(value, in: text)
        default:
            throw .badParameter(measure: text, detail: "\(kind.rawValue) has no parameter '\(key)'")
        }
    }

    private func flag(_ key: String, _ value: String, _ text: String) throws(EvaluationError) -> Bool {
        switch value.lowercased() {
        case "true": return true
        case "false": return false
        default: throw .badParameter(measure: text, detail: "\(key) must be True or False, not '\(value)'")
        }
    }

    /// Whether it asks of a document only if it is relevant.
    private var isBinary: Bool {
        switch kind {
        case .nDCG, .Judged, .ERR, .NumQ, .Compat, .G, .Rndcg, .nDCGOfRelevant, .dcg, .idealDCG, .unjudged, .relstring:
            false
        default: true
        }
    }

    private func validate(_ text: String) throws(EvaluationError) {
        func refuse(_ detail: String) -> EvaluationError { .badParameter(measure: text, detail: detail) }
        if let cutoff, cutoff < 1 { throw refuse("the cut-off must be at least 1, not \(cutoff)") }
        switch kind {
        case .P, .R, .Success, .relativeP, .unjudged:
            if cutoff == nil { throw refuse("\(kind.rawValue) needs a cut-off, as in '\(kind.rawValue)@10'") }
        case .IPrec, .multipleRprec:
            let limit = kind == .IPrec ? 1 : 1e6
            guard let level, (0...limit).contains(level) else {
                throw refuse(
                    "\(kind.rawValue) needs a number from 0 to \(kind == .IPrec ? "1, the recall" : "a million, the multiple"), "
                        + "as in '\(kind.rawValue)@0.1'")
            }
        case .nDCG, .RR, .AP, .geometricAP, .Judged, .ERR, .Accuracy, .dcg, .relstring: break
        case .RBP, .Compat:
            if !(weight > 0 && weight < 1) { throw refuse("p must lie between 0 and 1, not \(weight)") }
            if kind == .Compat, cutoff != nil { throw refuse("Compat has no cut-off") }
        case .SetF where !(weight >= 0 && weight.isFinite): throw refuse("beta must be at least 0, not \(weight)")
        default:
            if cutoff != nil { throw refuse("\(kind.rawValue) has no cut-off") }
        }
    }
}
