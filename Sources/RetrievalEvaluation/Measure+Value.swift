import Foundation

extension Measure {
    /// The value for one query that has judgements.
    func value(_ ranking: JudgedRanking) -> Double {
        let level = relevance ?? 1
        let top = ranking.grades.prefix(cutoff ?? ranking.grades.count)
        switch kind {
        case .nDCG:
            let best = discountedGain(ranking.ideal.prefix(cutoff ?? ranking.ideal.count))
            return best > 0 ? discountedGain(top) / best : 0
        case .RR:
            return top.firstIndex { $0 >= level }.map { 1 / Double($0 + 1) } ?? 0
        case .R:
            return ratio(top.count { $0 >= level }, ranking.relevant(at: level))
        case .AP:
            return averagePrecision(top, level: level, relevant: ranking.relevant(at: level))
        case .P:
            return ratio(top.count { $0 >= level }, cutoff ?? top.count)
        case .Success:
            return top.contains { $0 >= level } ? 1 : 0
        case .Judged:
            return ratio(top.count { $0 != JudgedRanking.notInPool }, top.count)
        case .Rprec:
            let relevant = ranking.relevant(at: level)
            return ratio(ranking.grades.prefix(relevant).count { $0 >= level }, relevant)
        case .Bpref:
            return binaryPreference(ranking, level: level)
        case .RBP:
            return rankBiasedPrecision(top, level: level)
        case .ERR:
            return expectedReciprocalRank(top)
        case .NumRet:
            return Double(relevance.map { level in top.count { $0 >= level } } ?? top.count)
        case .NumRel:
            return Double(ranking.relevant(at: level))
        case .NumQ:
            return 1
        }
    }

    private func ratio(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }

    /// Σ gain / log2(rank + 1). Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation", 2002, with the discount
    /// of trec_eval.
    private func discountedGain(_ grades: ArraySlice<Int>) -> Double {
        var sum = 0.0
        for (rank, grade) in zip(1..., grades) where grade > 0 {
            let gained = gain == .linear ? Double(grade) : exp2(Double(grade)) - 1
            sum += gained / log2(Double(rank + 1))
        }
        return sum
    }

    private func averagePrecision(_ grades: ArraySlice<Int>, level: Int, relevant: Int) -> Double {
        var (sum, found) = (0.0, 0)
        for (rank, grade) in zip(1..., grades) where grade >= level {
            found += 1
            sum += Double(found) / Double(rank)
        }
        return relevant > 0 ? sum / Double(relevant) : 0
    }

    /// Counts how often a relevant document stands before a judged, not relevant one; unjudged documents do not count.
    /// Source: Buckley and Voorhees, "Retrieval evaluation with incomplete information", 2004, as bounded in trec_eval.
    private func binaryPreference(_ ranking: JudgedRanking, level: Int) -> Double {
        let relevant = ranking.relevant(at: level)
        let bound = min(relevant, ranking.notRelevant(at: level))
        var (sum, before) = (0.0, 0)
        for grade in ranking.grades where grade >= 0 {
            if grade < level {
                before += 1
            } else {
                sum += before == 0 ? 1 : 1 - Double(min(before, relevant)) / Double(bound)
            }
        }
        return relevant > 0 ? sum / Double(relevant) : 0
    }

    /// (1 − p) Σ p^(rank − 1) over the relevant documents. Source: Moffat and Zobel, "Rank-biased precision for measurement
    /// of retrieval effectiveness", 2008.
    private func rankBiasedPrecision(_ grades: ArraySlice<Int>, level: Int) -> Double {
        var (sum, weight) = (0.0, 1 - persistence)
        for grade in grades {
            if grade >= level { sum += weight }
            weight *= persistence
        }
        return sum
    }

    /// Σ 1/rank · P(the user stops there), where a document of grade g satisfies with probability (2^g − 1) / 2^4; higher
    /// grades than 4 count as 4. Source: Chapelle et al., "Expected reciprocal rank for graded relevance", 2009, eq. 4, with
    /// the highest grade of gdeval.
    private func expectedReciprocalRank(_ grades: ArraySlice<Int>) -> Double {
        var (sum, reached) = (0.0, 1.0)
        for (rank, grade) in zip(1..., grades) where grade > 0 {
            let satisfied = (exp2(Double(min(grade, 4))) - 1) / 16
            sum += reached * satisfied / Double(rank)
            reached *= 1 - satisfied
        }
        return sum
    }
}
