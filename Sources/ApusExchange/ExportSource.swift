import Apus
import InvertedIndex

/// A document on its way to another engine.
struct ExportedDocument {
    /// Its number among the documents that are exported.
    let row: Int
    /// The external id.
    let id: String
    /// Numbers of its learned terms in the ``ExportVocabulary``, ascending, and their impacts.
    let terms: ArraySlice<UInt32>
    let impacts: ArraySlice<UInt8>
    /// What is shown of it.
    let text: StoredText
}

/// The documents of an index with their learned vectors, texts and metadata, some at a time: what every receiver is fed from.
///
/// Documents that were deleted are left out, impacts are on one scale, and rows run through all segments in the order of docids.
struct ExportSource {
    let index: SearchIndex
    let vocabulary: ExportVocabulary
    let scales: ImpactScales
    /// Documents.
    let count: Int
    private let hasTexts: Bool
    /// Postings of the vectors that are in memory at once, about; a document in a segment without any costs nothing.
    static let mostPostings = 4 << 20

    /// - Parameter hasTexts: Whether texts and metadata go along.
    init(_ index: SearchIndex, hasTexts: Bool) {
        self.index = index
        self.hasTexts = hasTexts
        vocabulary = ExportVocabulary(index.snapshot)
        scales = ImpactScales(index.snapshot)
        count = index.snapshot.documentCount
    }

    /// Calls `body` with each document of a part.
    /// - Parameter first: The row of its first document.
    /// - Throws: `IndexError`, and what `body` throws.
    func read(
        _ part: [(view: Int, docids: Range<Int>)], from first: Int, _ body: (ExportedDocument) throws -> Void
    ) throws {
        let snapshot = index.snapshot
        var row = first
        for (number, docids) in part {
            let view = snapshot.views[number]
            let vectors = try ForwardVectors(snapshot, view: number, docids: docids)
            let numbers = vocabulary.numbers[number]
            let terms = vectors.terms.map { numbers[Int($0)] }
            let table = scales.tables[number]
            let impacts = scales.isRescaled ? vectors.impacts.map { UInt8(clamping: table[Int($0)]) } : vectors.impacts
            for docid in docids where view.documents?.contains(UInt32(docid)) ?? true {
                let range = vectors.range(of: docid)
                try body(
                    ExportedDocument(
                        row: row, id: view.segment.externalID(UInt32(docid)), terms: terms[range],
                        impacts: impacts[range],
                        text: hasTexts ? try index.documents.stored(of: view.segment, docid: docid) : StoredText()))
                row += 1
            }
        }
    }
}

extension StoredText {
    /// Title and text, as they were analysed.
    var shown: String {
        if title.isEmpty { return text }
        return text.isEmpty ? title : title + " " + text
    }
}
