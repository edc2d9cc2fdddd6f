import Apus
import ByteStrings

/// An answer as JSON, in the shape of the HTTP interface.
struct AnswerDocument: Encodable {
    struct Candidate: Encodable {
        let docid: String
        let rank: Int
        let score: Double
        let bm25: Placement?
        let splade: Placement?
        let parts: ScoreParts?
        let title: String?
        let text: String?
    }

    struct QueryText: Encodable {
        let id: String?
        let text: String
    }

    let api = "v1"
    let index: String
    let query: QueryText
    let mode: String
    let fallback: Bool
    let tag: String
    let notes: [String]
    let candidates: [Candidate]
    let exact: Bool
    let certificates: [CertificateDocument]?

    init(
        _ text: String, _ index: String, _ answer: SearchAnswer, _ stored: [ByteString: StoredDocument],
        topic: String? = nil, certificates withCertificates: Bool = false
    ) {
        self.index = index
        query = QueryText(id: topic, text: text)
        mode = answer.mode.rawValue
        fallback = answer.isFallback
        tag = answer.tag
        notes = answer.notes
        exact = answer.isExact
        certificates = withCertificates ? CertificateDocument.all(of: answer) : nil
        candidates = answer.documents.map { document in
            Candidate(
                docid: document.id, rank: document.rank, score: document.score, bm25: document.bm25,
                splade: document.learned, parts: document.parts, title: stored[ByteString(document.id)]?.title,
                text: stored[ByteString(document.id)]?.text)
        }
    }
}
