import CorpusFormats
import LearnedEncoder

/// Raises the learned weights of a document's terms that its title has as tokens: a field's weight for learned vectors.
///
///     w'(t) = w(t) · (1 + boost) for t in the title, else w(t)
///
/// A factor for each term, so the largest weights of raised passages are the raised largest weights.
struct TitleBoost {
    /// What is added to 1.
    let boost: Double
    let encoder: SparseEncoder

    /// A document's vector, and those of its passages, raised.
    /// - Complexity: O(title + terms).
    func raised(_ vector: SparseVector, _ document: CorpusDocument) -> SparseVector {
        let own = document.title.isEmpty ? [] : encoder.typedTerms(document.title)
        guard !own.isEmpty else { return vector }
        var vector = vector
        raise(vector.terms, &vector.weights, own)
        for part in vector.parts.indices { raise(vector.parts[part].terms, &vector.parts[part].weights, own) }
        return vector
    }

    private func raise(_ terms: [UInt32], _ weights: inout [Float], _ own: Set<UInt32>) {
        for (place, term) in terms.enumerated() where own.contains(term) { weights[place] *= Float(1 + boost) }
    }
}
