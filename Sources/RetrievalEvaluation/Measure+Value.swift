import Foundation

extension Measure {
    /// The value for one query that has judgements.
    func value(_ ranking: JudgedRanking) -> Double {
        let level = relevance ?? 1
        if ranking.grades.isEmpty { return valueWithoutResults(ranking, level: level) }
        let all = isJudgedOnly ? ranking.judgedGrades : ranking.grades[...]
        let top = cutoff.map { all.prefix($0) } ?? all
        switch kind {
        case .nDCG:
            let best = discountedGain(ranking.ideal.prefix(cutoff ?? ranking.ideal.count))
            return best > 0 ? discountedGain(top) / best : 0
        case .dcg: return discountedGain(top)
        case .idealDCG: return discountedGain(ranking.ideal[...])
        case .nDCGOfRelevant: return meanOverRelevant(all, ideal: ranking.ideal)
        case .Rndcg: return meanOverGrades(all, ideal: ranking.ideal)
        case .G: return gainOverCost(all, ideal: ranking.ideal)
        case .binG: return binaryGain(all, level: level, relevant: ranking.relevant(at: level))
        case .RR: return top.firstIndex { $0 >= level }.map { 1 / Double($0 - top.startIndex + 1) } ?? 0
        case .R: return ratio(top.count { $0 >= level }, ranking.relevant(at: level))
        case .AP, .geometricAP:
            let precision = averagePrecision(top, level: level, relevant: ranking.relevant(at: level))
            return kind == .AP ? precision : Self.logarithm(precision)
        case .yaap: return smoothedPrecision(all, level: level, relevant: ranking.relevant(at: level))
        case .infAP: return inferredPrecision(all, level: level, relevant: ranking.relevant(at: level))
        case .P: return ratio(top.count { $0 >= level }, cutoff ?? top.count)
        case .relativeP:
            return ratio(top.count { $0 >= level }, min(cutoff ?? top.count, ranking.relevant(at: level)))
        case .Success: return top.contains { $0 >= level } ? 1 : 0
        case .Judged: return ratio(top.count { $0 != JudgedRanking.notInPool }, top.count)
        case .unjudged: return ratio(top.count { $0 < 0 }, cutoff ?? top.count)
        case .Rprec:
            let relevant = ranking.relevant(at: level)
            return ratio(all.prefix(relevant).count { $0 >= level }, relevant)
        case .multipleRprec:
            let depth = Self.documents(self.level ?? 1, of: ranking.relevant(at: level))
            return ratio(all.prefix(depth).count { $0 >= level }, depth)
        case .IPrec:
            return interpolated(all, level: level, at: [self.level ?? 0], of: ranking.relevant(at: level))
        case .elevenPoint:
            let points = (0...10).map { Double($0) / 10 }
            return interpolated(all, level: level, at: points, of: ranking.relevant(at: level)) / 11
        case .Bpref: return binaryPreference(all, ranking, level: level)
        case .geometricBpref: return Self.logarithm(binaryPreference(all, ranking, level: level))
        case .RBP: return rankBiasedPrecision(top, level: level)
        case .ERR: return expectedReciprocalRank(top)
        case .SetP, .SetR, .SetF, .SetAP, .utility:
            return ofTheSet(all, relevant: ranking.relevant(at: level), level: level)
        case .Accuracy: return accuracy(top, level: level)
        case .Compat: return compatibility(all, ideal: ranking.ideal)
        case .NumRet: return Double(relevance.map { level in top.count { $0 >= level } } ?? top.count)
        case .judgedNonrelevant: return Double(all.count { 0 <= $0 && $0 < level })
        case .NumRel: return Double(ranking.relevant(at: level))
        case .NumQ: return 1
        case .relstring: return 0
        }
    }

    /// What trec_eval -c counts for a judged query without results.
    private func valueWithoutResults(_ ranking: JudgedRanking, level: Int) -> Double {
        switch kind {
        case .NumRel: Double(ranking.relevant(at: level))
        case .NumQ: 1
        case .geometricAP, .geometricBpref: Self.logarithm(0)
        default: 0
        }
    }

    /// One character for each of the first documents: its grade, `>` above 9, `-` outside of the pool, `.` in the pool but unjudged.
    func text(_ ranking: JudgedRanking) -> String {
        let all = isJudgedOnly ? ranking.judgedGrades : ranking.grades[...]
        return all.prefix(cutoff ?? 10).map { grade in
            switch grade {
            case JudgedRanking.notInPool: "-"
            case JudgedRanking.unjudged: "."
            default: grade > 9 ? ">" : "\(grade)"
            }
        }.joined()
    }

    func ratio(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }

    /// Of a geometric mean no factor is 0: trec_eval takes at least 0.00001.
    private static func logarithm(_ value: Double) -> Double { log(max(value, 0.00001)) }

    /// That share of the relevant documents, rounded as trec_eval up to 9 rounds (10 rounds to the nearest).
    static func documents(_ share: Double, of relevant: Int) -> Int { Int(share * Double(relevant) + 0.9) }

    private func averagePrecision(_ grades: ArraySlice<Int>, level: Int, relevant: Int) -> Double {
        relevant > 0 ? sumOfPrecisions(grades, level: level) / Double(relevant) : 0
    }

    private func sumOfPrecisions(_ grades: ArraySlice<Int>, level: Int) -> Double {
        var (sum, found) = (0.0, 0)
        for (rank, grade) in zip(1..., grades) where grade >= level {
            found += 1
            sum += Double(found) / Double(rank)
        }
        return sum
    }

    /// Source: Robertson, "On Smoothing Average Precision", 2012.
    private func smoothedPrecision(_ grades: ArraySlice<Int>, level: Int, relevant: Int) -> Double {
        let sum = sumOfPrecisions(grades, level: level)
        return log((1 + sum) / (1 + Double(relevant) - sum))
    }

    /// At each relevant document, the precision expected from those above that were judged. Documents of the pool without a
    /// judgement are as often relevant as the judged; documents outside of it never.
    /// Source: Yilmaz and Aslam, "Estimating average precision with incomplete and imperfect judgments", 2006.
    private func inferredPrecision(_ grades: ArraySlice<Int>, level: Int, relevant: Int) -> Double {
        var (sum, found, others, unknown) = (0.0, 0.0, 0.0, 0.0)
        let epsilon = 0.00001
        for (above, grade) in grades.enumerated() where grade != JudgedRanking.notInPool {
            if grade == JudgedRanking.unjudged {
                unknown += 1
            } else if grade < level {
                others += 1
            } else {
                let share = (found + epsilon) / (found + others + 2 * epsilon)
                let pooled = found + others + unknown
                sum += above == 0 ? 1 : (1 + pooled * share) / Double(above + 1)
                found += 1
            }
        }
        return relevant > 0 ? sum / Double(relevant) : 0
    }

    /// Counts how often a relevant document stands before a judged, not relevant one; unjudged documents do not count.
    /// Source: Buckley and Voorhees, "Retrieval evaluation with incomplete information", 2004, as bounded in trec_eval.
    private func binaryPreference(_ grades: ArraySlice<Int>, _ ranking: JudgedRanking, level: Int) -> Double {
        let relevant = ranking.relevant(at: level)
        let bound = min(relevant, ranking.notRelevant(at: level))
        var (sum, before) = (0.0, 0)
        for grade in grades where grade >= 0 {
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
        var (sum, weight) = (0.0, 1 - self.weight)
        for grade in grades {
            if grade >= level { sum += weight }
            weight *= self.weight
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

    /// The share of pairs of a relevant and another document that stand in the right order, as ir_measures has it; where nothing
    /// but relevant documents was found there, 1.
    private func accuracy(_ grades: ArraySlice<Int>, level: Int) -> Double {
        var (before, wrong, relevant) = (0, 0, 0)
        for grade in grades {
            if grade >= level {
                relevant += 1
                wrong += before
            } else {
                before += 1
            }
        }
        guard relevant > 0 else { return 0 }
        return before > 0 ? 1 - Double(wrong) / (Double(before) * Double(relevant)) : 1
    }
}
