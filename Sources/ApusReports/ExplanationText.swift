package import Apus
import InvertedIndex

/// Why a document scores as it does, as people read it.
package enum ExplanationText {
    /// A table for each field, and how the fields' shares add up.
    package static func text(_ found: ScoreExplanation, _ options: SearchOptions) -> String {
        var blocks = found.fields.map { field($0, found.mode, options) + "\n" }
        if found.fields.count > 1 { blocks.append(sum(found, options) + "\n") }
        return blocks.joined(separator: "\n")
    }

    private static func field(_ field: FieldExplanation, _ mode: SearchMode, _ options: SearchOptions) -> String {
        let isText = field.field == Field.text.rawValue
        var name = isText ? "BM25 (k1 \(options.bm25InForce.k1), b \(options.bm25InForce.b))" : "learned"
        if mode == .fused {
            let weight = isText ? 1 - options.fusedWeight : options.fusedWeight
            name += ", weight \(Format.decimals(weight, 2)), scaling \(options.fusedScaling.rawValue)"
        }
        if let boost = field.boost, boost != 1 { name += ", boosted by \(boost)" }
        var lines = ["\(name): \(Format.decimals(field.score, 4))"]
        if field.terms.isEmpty {
            lines.append(
                field.missing.isEmpty && field.elsewhere == nil
                    ? "  the query has no term here" : "  the document has none of the query's terms")
        } else {
            let hasFactors = field.terms.contains { $0.idfFactor != nil }
            let factor = "idf^\(Format.decimals(options.idfPowerInForce, 2))"
            var table = TextTable(
                ["  term", "query"] + (hasFactors ? [factor] : []) + ["document", "product", "origin"])
            for term in field.terms {
                var cells = ["  " + term.term, Format.decimals(term.queryWeight, 3)]
                if hasFactors { cells.append(Format.decimals(term.idfFactor ?? 1, 3)) }
                cells += [Format.decimals(term.documentWeight, 3), Format.decimals(term.product, 4)]
                cells.append(term.isLent == true ? "feedback" : term.isTyped ? "typed" : "expanded")
                table.add(cells)
            }
            lines.append(table.text)
        }
        if let elsewhere = field.elsewhere {
            lines.append("  in another passage: " + elsewhere.joined(separator: ", ").showingControls())
        }
        if !field.missing.isEmpty {
            lines.append("  not in the document: " + field.missing.joined(separator: ", ").showingControls())
        }
        return lines.joined(separator: "\n")
    }

    /// How the fields' shares add up to the score of a search.
    private static func sum(_ found: ScoreExplanation, _ options: SearchOptions) -> String {
        let depth = max(options.hits, options.depth)
        let parts = found.fields.map { field in
            let share = (field.field == Field.text.rawValue ? "bm25 " : "splade ") + Format.decimals(field.share, 4)
            guard found.mode == .hybrid else { return share }
            return share + (field.rank.map { " (#\($0))" } ?? " (not among the first \(Format.count(depth)))")
        }
        let text = "\(found.mode.rawValue): \(parts.joined(separator: " + ")) = \(Format.decimals(found.score, 4))"
        return found.mode == .hybrid ? text + "  (\(options.fusionInForce.name))" : text
    }
}
