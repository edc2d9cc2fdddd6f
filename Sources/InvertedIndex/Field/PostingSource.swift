/// The postings of one term; its arrays are used again for the next one.
struct PostingList {
    /// UTF-8.
    var term: [UInt8] = []
    /// Ascending.
    var docids: [UInt32] = []
    /// Impacts (1…255) or frequencies (1…), one for each docid.
    var values: [UInt32] = []
}

/// Where the postings of a field come from: a buffer, segments that are joined, a file of another engine.
protocol PostingSource {
    /// The field.
    var field: Field { get }
    /// The next term that has postings, terms ascending by their bytes.
    /// - Returns: Whether there was one.
    /// - Throws: ``IndexError``.
    mutating func next(_ list: inout PostingList) throws(IndexError) -> Bool
}
