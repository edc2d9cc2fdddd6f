import Synchronization

extension Segment {
    /// The exact numbers of words of some documents.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    /// - Complexity: O(documents asked for); of a segment that was written without, O(postings of the text field) once.
    func wordCounts(of docids: [UInt32]) throws(IndexError) -> [Int] {
        if unsafe !wordCounts.isEmpty { return docids.map { unsafe Int(wordCounts[Int($0)]) } }
        if let known = summedWordCounts.withLock({ $0 }) { return docids.map { Int(known[Int($0)]) } }
        let counts = try exactWordCounts()
        summedWordCounts.withLock { $0 = counts }
        return docids.map { Int(counts[Int($0)]) }
    }

    /// The exact number of words of each document; of a segment that was written without, the sum of its frequencies.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    /// - Complexity: O(documents), or O(postings of the text field).
    func exactWordCounts() throws(IndexError) -> [UInt32] {
        guard unsafe wordCounts.isEmpty else { return unsafe Array(wordCounts) }
        var counts = [UInt32](repeating: 0, count: documents)
        guard let text = fields[.text] else { return counts }
        for term in 0..<text.terms {
            try verify(term: term, of: text)
            let list = text.postings(ofTerm: term)
            for (docid, frequency) in zip(list.docids, list.values) { counts[Int(docid)] &+= frequency }
        }
        return counts
    }
}
