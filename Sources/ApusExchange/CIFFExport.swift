public import Apus
import CIFF
public import InvertedIndex

/// Writes one field of an index as a file of the Common Index File Format, which PISA, BMP and others read.
///
/// ```swift
/// let report = try CIFFExport(of: SearchIndex("Indexes/mine"), field: .learned).write(to: "mine.ciff.gz")
/// ```
///
/// Words are written with their frequencies and documents with their exact lengths. Learned terms are written with their impacts,
/// 1…255, on one scale, and a document's length is the sum of its impacts. Documents that were deleted are left out; docids run
/// through all segments.
public struct CIFFExport {
    /// What was written.
    public struct Report: Sendable, Codable {
        /// Documents.
        public var documents = 0
        /// Posting lists.
        public var lists = 0
        /// Postings.
        public var postings = 0
        /// `text` or `learned`.
        public var field = ""
        /// Learned: impact per unit of weight.
        public var scale: Float?
        /// Whether segments had other scales, so that impacts were rounded again.
        public var isRescaled = false
    }

    private let index: SearchIndex
    private let field: Field

    /// An export of the commit that the index answers from.
    public init(of index: SearchIndex, field: Field) { (self.index, self.field) = (index, field) }

    /// Writes the file; it appears whole or not at all.
    /// - Throws: `IndexError`, `CIFFError`, ``ExchangeError/noField(index:field:)``.
    /// - Complexity: Two passes over the postings; memory for the longest list and 4 bytes a document.
    public func write(to path: String) throws -> Report {
        let postings = try MergedPostings(index.snapshot, field)
        var report = Report(documents: postings.count, field: field.rawValue)
        if field == .learned { (report.scale, report.isRescaled) = (postings.scale, postings.isRescaled) }
        var lengths = try field == .text ? postings.wordCounts() : [UInt32](repeating: 0, count: postings.count)
        // The header says what follows, so it is counted first.
        var (counted, list) = (postings, PostingList())
        while try counted.next(&list) {
            report.lists += 1
            report.postings += list.docids.count
            guard field == .learned else { continue }
            for (docid, impact) in zip(list.docids, list.values) { lengths[Int(docid)] &+= impact }
        }
        guard report.lists > 0 else { throw ExchangeError.noField(index: index.directory, field: field.rawValue) }
        let total = lengths.reduce(0) { $0 + Int($1) }
        // As BM25 here counts: documents without a word have no part in it.
        let withText = lengths.count { $0 > 0 }
        let writer = try CIFFWriter(
            path: path,
            header: CIFFHeader(
                lists: report.lists, documents: postings.count, totalTerms: total,
                averageLength: Double(total) / Double(max(1, withText)),
                description: ExportDescription.of(field, index.settings, scale: postings.scale)))
        var written = postings
        while try written.next(&list) {
            try writer.append(term: list.term, docids: list.docids, values: list.values)
        }
        for docid in 0..<postings.count {
            try writer.append(CIFFDocument(id: postings.id(docid), length: Int(lengths[docid])))
        }
        try writer.close()
        return report
    }
}
