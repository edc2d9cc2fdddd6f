import CorpusFormats
import LearnedEncoder

/// Raises the learned weights of a document's terms that its title has as tokens: a field's weight for learned vectors.
///
///     w'(t) = w(t) · (1 + boost) for t in the title, else w(t)
///
/// A factor for each term, so the largest weights of raised passages are the raised largest weights.
struct TitleBoost {
    /// What is added to 1; 0 for nothing.
    let boost: Double
    let encoder: SparseEncoder

    /// A document's vector, and those of its passages, raised.
    /// - Complexity: O(title + terms).
    func raised(_ vector: SparseVector, _ document: CorpusDocument) -> SparseVector {
        guard boost > 0, !document.title.isEmpty, let own = encoder.documentTerms(document.title) else { return vector }
        var vector = vector
        raise(vector.terms, &vector.weights, own)
        for part in vector.parts.indices { raise(vector.parts[part].terms, &vector.parts[part].weights, own) }
        return vector
    }

    /// Both lists of terms are ascending.
    private func raise(_ terms: [UInt32], _ weights: inout [Float], _ raised: [UInt32]) {
        let factor = Float(1 + boost)
        var next = raised.startIndex
        for (place, term) in terms.enumerated() {
            while next < raised.endIndex, raised[next] < term { next += 1 }
            guard next < raised.endIndex else { return }
            if raised[next] == term { weights[place] *= factor }
        }
    }
}
