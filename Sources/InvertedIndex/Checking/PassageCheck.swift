/// Holds the passages of a segment's documents against its learned lists: a document's impact of a term is the largest of its passages',
/// and no passage has a term that the document lacks.
struct PassageCheck {
    private let passages: StoredPassages
    private let segment: Segment

    init(_ passages: StoredPassages, _ segment: Segment) { (self.passages, self.segment) = (passages, segment) }

    /// - Complexity: O(postings of the field + of the passages) time, O(terms of all long documents) memory.
    func run(_ reader: FieldReader, _ findings: inout FindingList) {
        var largest: [Int: [Int: UInt8]] = [:]
        for docid in 0..<segment.documents {
            let own = passages.passages(of: docid)
            guard !own.isEmpty else { continue }
            if own.count == 1 {
                findings.add("passages.last", "docid \(docid)", "a document of one passage has one stored")
            }
            largest[docid] = look(at: own, of: docid, terms: reader.terms, &findings)
        }
        for term in 0..<reader.terms {
            let (docids, values) = reader.postings(ofTerm: term)
            for (docid, value) in zip(docids, values) where largest[Int(docid)] != nil {
                let found = largest[Int(docid)]?.removeValue(forKey: term) ?? 0
                guard UInt32(found) != value else { continue }
                findings.add(
                    StoredPassages.bytesName, "docid \(docid)",
                    "term \(term) has the impact \(value) in its list, the largest of the passages is \(found)")
            }
        }
        for (docid, left) in largest.sorted(by: { $0.key < $1.key }) where !left.isEmpty {
            findings.add(StoredPassages.bytesName, "docid \(docid)", "its passages have more than the lists have")
        }
    }

    private func look(
        at own: Range<Int>, of docid: Int, terms: Int, _ findings: inout FindingList
    ) -> [Int: UInt8] {
        var largest: [Int: UInt8] = [:]
        for (place, number) in own.enumerated() {
            guard let vector = passages.vector(of: number) else {
                findings.add(StoredPassages.bytesName, "docid \(docid), passage \(place + 1)", "it is no vector")
                continue
            }
            for (term, impact) in vector {
                if term >= terms || impact == 0 {
                    findings.add(
                        StoredPassages.bytesName, "docid \(docid), passage \(place + 1)",
                        "term \(term) with the impact \(impact)")
                    break
                }
                largest[term] = max(largest[term] ?? 0, impact)
            }
        }
        return largest
    }
}
