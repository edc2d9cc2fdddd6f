/// Measures of what was found, whatever the order, and of how far down it reaches.
extension Measure {
    func ofTheSet(_ grades: ArraySlice<Int>, relevant: Int, level: Int) -> Double {
        let (found, count) = (grades.count { $0 >= level }, grades.count)
        let (precision, recall) = (ratio(found, count), ratio(found, relevant))
        switch kind {
        case .SetP: return isRelative ? ratio(found, min(count, relevant)) : precision
        case .SetR: return recall
        case .SetAP: return precision * recall
        case .SetF:
            let sum = weight * precision + recall
            return sum > 0 ? (weight + 1) * precision * recall / sum : 0
        default:
            // Without the size of the collection, which trec_eval takes as 0 unless told.
            let counts = [found, count - found, relevant - found, found - count - relevant]
            return zip(utilities, counts).reduce(0) { $0 + $1.0 * Double($1.1) }
        }
    }

    /// The sum, over shares of recall, of the highest precision at the rank that reaches it or any behind it; 0 where none does.
    func interpolated(_ grades: ArraySlice<Int>, level: Int, at shares: [Double], of relevant: Int) -> Double {
        var precisions: [Double] = []
        for (place, grade) in grades.enumerated() where grade >= level {
            precisions.append(Double(precisions.count + 1) / Double(place + 1))
        }
        for index in precisions.indices.dropLast().reversed() {
            precisions[index] = max(precisions[index], precisions[index + 1])
        }
        return shares.reduce(0) { sum, share in
            let wanted = max(1, Self.documents(share, of: relevant))
            return sum + (wanted <= precisions.count ? precisions[wanted - 1] : 0)
        }
    }

    /// Rank-biased overlap of the ranking with the best one, in which documents of a grade stand in the order of the ranking; over
    /// what the best one has with itself. Source: Clarke, Vtyurina and Smucker, "Assessing top-k preferences", 2021.
    func compatibility(_ grades: ArraySlice<Int>, ideal: [Int]) -> Double {
        guard !ideal.isEmpty else { return 0 }
        let depth = max(grades.count, ideal.count)
        // A document counts from the depth at which both rankings have reached it.
        var arriving = [Int](repeating: 0, count: depth)
        var next: [Int: Int] = [:]
        for (place, grade) in ideal.enumerated() where next[grade] == nil { next[grade] = place }
        for (place, grade) in grades.enumerated() where grade > 0 {
            let best = next[grade] ?? 0
            next[grade] = best + 1
            arriving[max(place, best)] += 1
        }
        var (sum, most, scale, weight, shared) = (0.0, 0.0, 0.0, 1.0, 0)
        for place in 0..<depth {
            shared += arriving[place]
            sum += weight * Double(shared) / Double(place + 1)
            most += weight * Double(min(place + 1, ideal.count)) / Double(place + 1)
            scale += weight
            weight *= self.weight
        }
        return isNormalized ? sum / most : sum / scale
    }
}
