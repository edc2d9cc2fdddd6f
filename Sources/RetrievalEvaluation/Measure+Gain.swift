import Foundation

/// Measures that add up what grades are worth.
extension Measure {
    /// Σ gain / log2(rank + 1). Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation", 2002, with the discount
    /// of trec_eval.
    func discountedGain(_ grades: ArraySlice<Int>) -> Double {
        var sum = 0.0
        for (rank, grade) in zip(1..., grades) where grade > 0 { sum += worth(grade) / log2(Double(rank + 1)) }
        return sum
    }

    private func worth(_ grade: Int) -> Double { gain == .linear ? Double(grade) : exp2(Double(grade)) - 1 }

    /// The mean, over the documents of positive grade, of nDCG at their rank; at the end of the ranking for those not found
    /// (trec_eval's ndcg_rel).
    func meanOverRelevant(_ grades: ArraySlice<Int>, ideal: [Int]) -> Double {
        guard !ideal.isEmpty else { return 0 }
        var (sum, reached, best, found) = (0.0, 0.0, 0.0, 0)
        for (place, grade) in grades.enumerated() {
            let discount = log2(Double(place + 2))
            if place < ideal.count { best += worth(ideal[place]) / discount }
            guard grade > 0 else { continue }
            reached += worth(grade) / discount
            sum += reached / best
            found += 1
        }
        let whole = discountedGain(ideal[...])
        return (sum + Double(ideal.count - found) * reached / whole) / Double(ideal.count)
    }

    /// The mean of nDCG at the ranks where the best ranking goes from one grade to the next, to 0 too, and at the end where the
    /// ranking is at least two documents longer than that (trec_eval's Rndcg).
    func meanOverGrades(_ grades: ArraySlice<Int>, ideal: [Int]) -> Double {
        var (sum, points, reached, best) = (0.0, 0, 0.0, 0.0)
        var ranking = grades.makeIterator()
        for place in ideal.indices {
            let discount = log2(Double(place + 2))
            if let grade = ranking.next(), grade > 0 { reached += worth(grade) / discount }
            best += worth(ideal[place]) / discount
            guard place + 1 == ideal.count || ideal[place + 1] != ideal[place] else { continue }
            sum += reached / best
            points += 1
        }
        guard points > 0 else { return 0 }
        if grades.count > ideal.count + 1 {
            sum += discountedGain(grades) / best
            points += 1
        }
        return sum / Double(points)
    }

    /// Σ gain / log2(2 + what the best ranking had by then − what this one had), over the best sum of gains; ranks behind the
    /// best ranking cost 1 (trec_eval's G).
    func gainOverCost(_ grades: ArraySlice<Int>, ideal: [Int]) -> Double {
        var (sum, had, cost) = (0.0, 0.0, 0.0)
        for (place, grade) in grades.enumerated() {
            cost += max(1, place < ideal.count ? Double(ideal[place]) : 0)
            guard grade > 0 else { continue }
            had += Double(grade)
            sum += Double(grade) / log2(2 + cost - had)
        }
        let best = ideal.reduce(0.0) { $0 + Double($1) }
        return best > 0 ? sum / best : 0
    }

    /// The mean of 1 / log2(2 + documents above that are not relevant) over the relevant documents (trec_eval's binG).
    func binaryGain(_ grades: ArraySlice<Int>, level: Int, relevant: Int) -> Double {
        var (sum, others) = (0.0, 0)
        for grade in grades {
            if grade >= level { sum += 1 / log2(Double(2 + others)) } else { others += 1 }
        }
        return relevant > 0 ? sum / Double(relevant) : 0
    }
}
