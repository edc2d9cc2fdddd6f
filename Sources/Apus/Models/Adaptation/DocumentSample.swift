import CorpusFormats
import RetrievalEvaluation

/// Documents drawn from a stream, each with the same chance, the same ones every time.
///
/// Vitter, "Random sampling with a reservoir", 1985, algorithm R.
struct DocumentSample {
    private(set) var documents: [CorpusDocument] = []
    private var seen = 0
    private var random: SplitMix
    private let most: Int

    init(most: Int, seed: UInt64) {
        (self.most, random) = (most, SplitMix(seed: seed))
    }

    /// Draws or passes over a document.
    mutating func add(_ document: CorpusDocument) {
        seen += 1
        guard documents.count == most else { return documents.append(document) }
        let place = Int.random(in: 0..<seen, using: &random)
        if place < most { documents[place] = document }
    }
}
