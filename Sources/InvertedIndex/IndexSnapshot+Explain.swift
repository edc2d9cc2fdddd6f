/// One term's part in a score.
public struct TermExplanation: Sendable, Equatable {
    /// As indexed.
    public let term: String
    /// Learned: the query weight as quantised. BM25: query weight × idf.
    public let queryWeight: Double
    /// Learned: the impact as a weight. BM25: the saturated frequency, contribution / queryWeight.
    public let documentWeight: Double
    /// The impact or frequency as stored.
    public let value: UInt32
    /// Documents that hold the term.
    public let documentFrequency: Int
    /// What it adds to the score.
    public let contribution: Double
}

/// Why a document scores as it does.
public struct Explanation: Sendable, Equatable {
    /// Equal to the score of a search.
    public let score: Double
    /// The same in integer units.
    public let rawScore: UInt32
    /// Matching terms in query order.
    public let terms: [TermExplanation]
}

extension IndexSnapshot {
    /// The parts of a document's score, or nil when there is no such document.
    /// - Throws: ``IndexError/invalidWeight(term:weight:)``.
    public func explain(_ query: Query, documentID: String) throws(IndexError) -> Explanation? {
        let prepared = try PreparedQuery(query, global)
        for segment in segments {
            guard let docid = segment.docid(of: documentID) else { continue }
            guard let reader = segment.fields[query.field] else { return Explanation(score: 0, rawScore: 0, terms: []) }
            var total: UInt32 = 0
            var terms: [TermExplanation] = []
            for (name, scorer) in zip(prepared.terms, prepared.scorers) {
                guard let term = reader.number(of: name), let value = reader.value(ofTerm: term, docid: UInt32(docid))
                else { continue }
                let inverse = prepared.inverses.isEmpty ? 0 : prepared.inverses[Int(segment.lengths[docid])]
                let share = scorer.share(value: value, inverse: inverse)
                total &+= share
                let contribution = Double(share) * prepared.unit
                let documentWeight =
                    query.field == .learned
                    ? Double(value) / Double(global.learnedScale) : contribution / Double(scorer.bm25Weight)
                terms.append(
                    TermExplanation(
                        term: name,
                        queryWeight: query.field == .learned
                            ? Double(scorer.weight) * prepared.unit * Double(global.learnedScale)
                            : Double(scorer.bm25Weight),
                        documentWeight: documentWeight, value: value,
                        documentFrequency: global.documentFrequency(of: name, field: query.field),
                        contribution: contribution))
            }
            return Explanation(score: Double(total) * prepared.unit, rawScore: total, terms: terms)
        }
        return nil
    }

    /// A document's learned vector, or nil when there is no such document.
    /// - Complexity: O(blocks of the segment): every list is looked at.
    public func vector(of id: String) -> [(term: String, weight: Float)]? {
        for segment in segments {
            guard let docid = segment.docid(of: id) else { continue }
            guard let reader = segment.fields[.learned] else { return [] }
            return (0..<reader.terms).compactMap { term in
                reader.value(ofTerm: term, docid: UInt32(docid)).map {
                    (String(decoding: reader.termUTF8(term), as: UTF8.self), Float($0) / global.learnedScale)
                }
            }
        }
        return nil
    }
}

extension FieldReader {
    /// The value of a posting, or nil when the document lacks the term.
    func value(ofTerm term: Int, docid: UInt32) -> UInt32? {
        let blocks = Int(termBlocks[term])..<Int(termBlocks[term + 1])
        guard let block = blocks.first(where: { blockLast[$0] >= docid }) else { return nil }
        var docids = [UInt32](repeating: 0, count: blockSize)
        var values = docids
        docids.withUnsafeMutableBufferPointer { docids in
            values.withUnsafeMutableBufferPointer { values in
                guard let docids = docids.baseAddress, let values = values.baseAddress else { return }
                unpack(block: block, ofTerm: term, docids: docids, values: values)
            }
        }
        let count = size(ofBlock: block, ofTerm: term)
        return docids[..<count].firstIndex(of: docid).map { values[$0] }
    }
}
