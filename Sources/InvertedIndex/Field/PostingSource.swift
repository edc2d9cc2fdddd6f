/// The postings of one term; its arrays are used again for the next one.
package struct PostingList {
    /// UTF-8.
    package var term: [UInt8]
    /// Ascending.
    package var docids: [UInt32]
    /// Impacts (1…255) or frequencies (1…), one for each docid.
    package var values: [UInt32]

    /// Nothing yet, unless told.
    package init(term: [UInt8] = [], docids: [UInt32] = [], values: [UInt32] = []) {
        (self.term, self.docids, self.values) = (term, docids, values)
    }
}

/// Where the postings of a field come from: a buffer, segments that are joined, a file of another engine.
package protocol PostingSource {
    /// The field.
    var field: Field { get }
    /// The next term that has postings, terms ascending by their bytes.
    /// - Returns: Whether there was one.
    /// - Throws: ``IndexError``.
    mutating func next(_ list: inout PostingList) throws(IndexError) -> Bool

    /// The next term with as many postings as are wanted; others may be passed over without being decoded.
    mutating func next(_ list: inout PostingList, where isWanted: (Int) -> Bool) throws(IndexError) -> Bool
}

extension PostingSource {
    package mutating func next(_ list: inout PostingList, where isWanted: (Int) -> Bool) throws(IndexError) -> Bool {
        while try next(&list) {
            if isWanted(list.docids.count) { return true }
        }
        return false
    }
}
