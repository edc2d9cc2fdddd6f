/// One term's part in a score.
public struct TermExplanation: Sendable, Equatable {
    /// As indexed.
    public let term: String
    /// Whose lists hold it.
    public let field: Field
    /// Learned: the query weight as quantised, with the factor in it. BM25: query weight × idf.
    public let queryWeight: Double
    /// Learned: the idf to the query's power, which multiplied the query weight; 1 without a power, and for BM25.
    public let idfFactor: Double
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
    /// The same as it is compared, see ``Hit/rawScore``.
    public let rawScore: UInt32
    /// What boosts multiply the score by; the terms' contributions have it in them.
    public let factor: Double
    /// Matching terms in query order.
    public let terms: [TermExplanation]
    /// Learned terms of the query that only other passages of the document hold than the one that scored; none where it is one
    /// passage.
    public let elsewhere: [String]
}

extension IndexSnapshot {
    /// The parts of a document's score, or nil when there is no such document.
    /// - Throws: ``IndexError/invalidWeight(term:weight:)``.
    public func explain(_ query: Query, documentID: String) throws(IndexError) -> Explanation? {
        try explain(try PreparedQuery(query, global), documentID)
    }

    /// The parts of a document's fused score, or nil when there is no such document.
    /// - Throws: ``IndexError/invalidWeight(term:weight:)``.
    public func explain(_ query: FusedQuery, documentID: String) throws(IndexError) -> Explanation? {
        try explain(try PreparedQuery(query, global), documentID)
    }

    private func explain(_ query: PreparedQuery, _ id: String) throws(IndexError) -> Explanation? {
        for (index, view) in views.enumerated() {
            let segment = view.segment
            guard let docid = view.docid(of: id) else { continue }
            let unit = query.units.unit(of: index)
            let boost = boosts.isEmpty ? nil : ScoreBoost(boosts)
            let factor = boost?.factor(segment: index, docid: UInt32(docid)) ?? 1
            var total: UInt32 = 0
            var (terms, elsewhere): ([TermExplanation], [String]) = ([], [])
            var passages = PassageScorer(views, query)
            let impacts = query.hasLearned ? try passages.impacts(UInt32(docid), in: index) : nil
            for (place, term) in query.terms.enumerated() {
                let scorer = term.scorer(in: index)
                guard let reader = segment.fields[scorer.field], let number = term.numbers[index] else {
                    continue
                }
                try segment.verify(term: number, of: reader)
                let isText = scorer.field == .text
                // What other passages give the term is no part of the score.
                let value = reader.value(ofTerm: number, docid: UInt32(docid))
                guard let value = isText || impacts == nil ? value : impacts?[place] else {
                    if value != nil { elsewhere.append(term.name) }
                    continue
                }
                let share = unsafe scorer.share(
                    value: value, inverse: isText ? query.tables?.inverse(segment.lengths[docid]) ?? 0 : 0)
                total &+= share
                let contribution = Double(share) * unit * factor
                let queryWeight =
                    isText
                    ? Double(scorer.bm25Weight) : Double(scorer.weight) * unit * Double(view.scale)
                terms.append(
                    TermExplanation(
                        term: term.name, field: scorer.field, queryWeight: queryWeight, idfFactor: term.idfFactor,
                        documentWeight: isText
                            ? contribution / factor / queryWeight : Double(value) / Double(view.scale),
                        value: value, documentFrequency: term.documentFrequency, contribution: contribution))
            }
            let units = query.boosted(by: boost, views: views.count).units
            let compared =
                boost == nil
                ? units.comparable(total, in: index) : units.comparable(total, in: index, factor: factor)
            return Explanation(
                score: units.score(compared), rawScore: compared, factor: factor, terms: terms, elsewhere: elsewhere)
        }
        return nil
    }
}

extension FieldReader {
    /// The value of a posting, or nil when the document lacks the term.
    func value(ofTerm term: Int, docid: UInt32) -> UInt32? {
        let blocks = blocks(ofTerm: term)
        let block = block(of: docid, from: blocks.lowerBound, to: blocks.upperBound)
        guard block < blocks.upperBound else { return nil }
        var docids = [UInt32](repeating: 0, count: blockSize)
        var values = docids
        unsafe docids.withUnsafeMutableBufferPointer { docids in
            unsafe values.withUnsafeMutableBufferPointer { values in
                guard let docids = docids.baseAddress, let values = values.baseAddress else { return }
                unsafe unpack(block: block, ofTerm: term, docids: docids, values: values)
            }
        }
        let count = size(ofBlock: block, ofTerm: term)
        return docids[..<count].firstIndex(of: docid).map { values[$0] }
    }
}
