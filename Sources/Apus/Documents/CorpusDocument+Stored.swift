import CorpusFormats
import InvertedIndex

extension CorpusDocument {
    /// A document as it came in: its id with what the index keeps of it.
    init(id: String, _ stored: StoredText) {
        self.init(id: id, title: stored.title, text: stored.text, metadata: stored.metadata)
    }
}
