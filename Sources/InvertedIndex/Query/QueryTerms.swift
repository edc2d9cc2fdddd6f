import ByteStrings

/// The distinct terms of a query that some document holds, looked up in every segment.
struct QueryTerms {
    struct Term {
        let name: String
        /// With the factor in it.
        var weight: Float
        /// Learned: the idf to the query's power.
        var idfFactor = 1.0
        let documentFrequency: Int
        /// Its number in each segment's dictionary.
        let numbers: [Int?]
    }

    let terms: [Term]
    /// Those that no document holds.
    let unknown: [String]

    /// - Throws: ``IndexError/invalidWeight(term:weight:)``, also for a power that is none; ``IndexError/corrupt(path:detail:)``.
    init(_ query: Query, _ statistics: GlobalStatistics) throws(IndexError) {
        guard InverseDocumentFrequency.powers.contains(query.idfPower) else {
            throw .invalidWeight(term: "idf power", weight: Float(query.idfPower))
        }
        var terms: [Term] = []
        var absent: [QueryTerm] = []
        terms.reserveCapacity(query.terms.count)
        for term in query.terms {
            guard term.weight.isFinite, term.weight >= 0 else {
                throw .invalidWeight(term: term.term, weight: term.weight)
            }
            let (numbers, count) = try statistics.find(term.term, query.field)
            if count == 0 {
                absent.append(term)
            } else {
                terms.append(
                    Term(name: term.term, weight: term.weight, documentFrequency: count, numbers: numbers))
            }
        }
        Self.merge(&terms)
        terms.removeAll { $0.weight == 0 }
        if query.field == .learned, query.idfPower != 0 {
            for place in terms.indices {
                let factor = InverseDocumentFrequency.factor(
                    query.idfPower, documents: statistics.collection.documents,
                    frequency: terms[place].documentFrequency)
                terms[place].idfFactor = factor
                // A term that was asked for stays one, however little it weighs.
                terms[place].weight = max(Float(Double(terms[place].weight) * factor), .leastNormalMagnitude)
            }
        }
        // Each was finite, their sum may not be.
        for term in terms where !term.weight.isFinite {
            throw .invalidWeight(term: term.name, weight: term.weight)
        }
        var seen: Set<ByteString> = []
        self.terms = terms
        unknown = absent.compactMap {
            $0.weight > 0 && seen.insert(ByteString($0.term)).inserted ? $0.term : nil
        }
    }

    /// Adds the weights of equal terms up in the place of the first; found by their numbers, which costs less than hashing.
    private static func merge(_ terms: inout [Term]) {
        // Terms that only other parts of the collection hold have no number here.
        var elsewhere: [ByteString: Int] = [:]
        let keys = terms.map { term in
            guard let segment = term.numbers.firstIndex(where: { $0 != nil }),
                let number = term.numbers[segment]
            else {
                let number = elsewhere[ByteString(term.name)] ?? elsewhere.count
                elsewhere[ByteString(term.name)] = number
                return (Int.max, number)
            }
            return (segment, number)
        }
        let order = terms.indices.sorted { (keys[$0].0, keys[$0].1, $0) < (keys[$1].0, keys[$1].1, $1) }
        var isFirst = [Bool](repeating: true, count: terms.count)
        var first = 0
        for next in order.indices.dropFirst() {
            if keys[order[next]] == keys[order[first]] {
                terms[order[first]].weight += terms[order[next]].weight
                isFirst[order[next]] = false
            } else {
                first = next
            }
        }
        if isFirst.contains(false) { terms = zip(terms, isFirst).compactMap { $1 ? $0 : nil } }
    }

    /// Learned: Σ weight × the term's largest weight in a document.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    func largestScore(_ statistics: GlobalStatistics) throws(IndexError) -> Double {
        var sum = 0.0
        for term in terms {
            sum +=
                Double(term.weight) * (try statistics.largestWeight(of: term.name, numbers: term.numbers))
        }
        return sum
    }
}
