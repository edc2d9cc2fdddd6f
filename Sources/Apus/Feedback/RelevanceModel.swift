import ByteStrings
import InvertedIndex
import LearnedEncoder

/// The arithmetic of feedback on weighted bags of terms.
struct RelevanceModel {
    /// A document that lends: its terms, and the score with which it was found.
    struct Document {
        var terms: [(term: String, weight: Double)]
        var score: Double
    }

    let model: Feedback.Model
    /// Whether a term may be lent; the query's own keep their weights in any case.
    let mayLend: (String) throws -> Bool

    /// The query with what the documents lend; as it was where they lend nothing.
    func expanded(_ query: [QueryTerm], by documents: [Document]) throws -> [QueryTerm] {
        let own = Self.added(query.map { ($0.term, Double($0.weight)) })
        let lent = try heaviest(mixture(documents))
        let (ownNorm, lentNorm) = (norm(own.map(\.weight)), norm(lent.map(\.weight)))
        guard ownNorm > 0, lentNorm > 0 else { return query }
        // RM3's query has the norm of the one before: scores stay comparable with those of other lists.
        let (keep, add) =
            switch model.kind {
            case .rm3: (1 - model.weight, model.weight * ownNorm / lentNorm)
            case .rocchio: (1, model.weight * ownNorm / lentNorm)
            }
        let sum = Self.added(own.map { ($0.term, keep * $0.weight) } + lent.map { ($0.term, add * $0.weight) })
        return sum.filter { $0.weight > 0 }.map { QueryTerm(term: $0.term, weight: Float($0.weight)) }
    }

    private func mixture(_ documents: [Document]) -> [(term: String, weight: Double)] {
        Self.added(
            documents.flatMap { document in
                let size = norm(document.terms.map(\.weight))
                let share = size > 0 ? (model.kind == .rm3 ? document.score : 1) / size : 0
                return document.terms.map { ($0.term, $0.weight * share) }
            })
    }

    private func heaviest(_ terms: [(term: String, weight: Double)]) throws -> [(term: String, weight: Double)] {
        var kept: [(term: String, weight: Double)] = []
        for place in HeaviestFirst.places(terms.map(\.weight), terms.map { ByteString($0.term) }) {
            guard kept.count < model.terms else { break }
            if try mayLend(terms[place].term) { kept.append(terms[place]) }
        }
        return kept
    }

    private func norm(_ weights: [Double]) -> Double {
        switch model.kind {
        case .rm3: weights.reduce(0, +)
        case .rocchio: weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
    }

    /// Each term once, in the order in which it first stands there.
    private static func added(_ terms: [(term: String, weight: Double)]) -> [(term: String, weight: Double)] {
        var places: [ByteString: Int] = [:]
        var sum: [(term: String, weight: Double)] = []
        for (term, weight) in terms {
            if let place = places[ByteString(term)] {
                sum[place].weight += weight
            } else {
                places[ByteString(term)] = sum.count
                sum.append((term, weight))
            }
        }
        return sum
    }
}
