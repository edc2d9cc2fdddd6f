import CorpusFormats
import InvertedIndex
import LearnedEncoder
import TextAnalysis

/// Turns documents of the input into documents of the index: analysed, encoded, pruned.
struct DocumentPipeline {
    /// One batch, done.
    struct Batch {
        var documents: [IndexDocument] = []
        /// Names of terms that had no number before.
        var freshTerms: [String] = []
        /// Documents without a word and without a term.
        var empty = 0
        /// Documents longer than the encoder reads.
        var truncated = 0
        /// Documents that were split, and their passages.
        var split = 0
        var passages = 0
    }

    let settings: IndexSettings
    let encoder: SparseEncoder?
    let threads: Int
    private var imported = ImportedVocabulary()

    init(settings: IndexSettings, encoder: SparseEncoder?, threads: Int) {
        self.settings = settings
        self.encoder = encoder
        self.threads = threads
    }

    /// - Returns: nil when the build was cancelled while the documents were encoded.
    /// - Throws: `EncoderError`.
    mutating func process(_ documents: [CorpusDocument], isCancelled: () -> Bool) throws -> Batch? {
        let texts = encoder == nil ? [] : documents.map(\.content)
        var vectors: [SparseVector]?
        if let encoder, let passages = settings.passages {
            vectors = try encoder.encodeDocuments(texts, passages: passages, threads: threads, isCancelled: isCancelled)
            if vectors == nil { return nil }
        } else {
            vectors = try encoder?.encodeDocuments(texts, threads: threads)
        }
        if let encoder, settings.titleBoost > 0 {
            let boost = TitleBoost(boost: settings.titleBoost, encoder: encoder)
            vectors = vectors.map { zip($0, documents).map { boost.raised($0, $1) } }
        }
        let words = TextBatch.analyse(
            documents, titles: settings.titleWeight, with: Analyzer(settings.analyzer), threads: threads)
        var batch = Batch()
        for (index, document) in documents.enumerated() {
            let given = document.vector.map { imported.number($0) }
            let terms = vectors?[index].terms ?? given?.terms ?? []
            // Each passage is pruned for itself; the document's vector is what is left of all of them.
            let passages = (vectors?[index].parts ?? []).map { part in
                let kept = settings.pruning(part.terms, part.weights)
                return IndexPassage(terms: kept.terms, weights: kept.weights, bytes: part.bytes)
            }
            let learned =
                passages.isEmpty
                ? settings.pruning(terms, vectors?[index].weights ?? given?.weights ?? []) : (terms: [], weights: [])
            batch.documents.append(
                IndexDocument(
                    id: document.id, wordBytes: words[index].bytes, wordEnds: words[index].ends, terms: learned.terms,
                    weights: learned.weights, passages: passages,
                    texts: StoredText(title: document.title, text: document.text, metadata: document.metadata)))
            if words[index].ends.isEmpty, terms.isEmpty { batch.empty += 1 }
        }
        for vector in vectors ?? [] {
            if vector.isTruncated { batch.truncated += 1 }
            guard vector.passages > 1 else { continue }
            batch.split += 1
            batch.passages += vector.passages
        }
        batch.freshTerms = imported.takeFresh()
        return batch
    }
}
