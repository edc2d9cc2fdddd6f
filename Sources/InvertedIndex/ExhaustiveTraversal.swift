import CApusKernels

/// Scores every posting of every term, term at a time, into one accumulator per document.
struct ExhaustiveTraversal {
    static func run(
        _ segment: Segment, number: Int, _ reader: FieldReader, _ query: PreparedQuery, _ top: inout TopK,
        _ counters: inout SearchCounters
    ) {
        let accumulators = UnsafeMutablePointer<UInt32>.allocate(capacity: max(segment.documents, 1))
        accumulators.initialize(repeating: 0, count: segment.documents)
        let docids = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * blockSize)
        let values = docids + blockSize
        defer {
            accumulators.deallocate()
            docids.deallocate()
        }
        query.inverses.withUnsafeBufferPointer { inverses in
            for (name, scorer) in zip(query.terms, query.scorers) {
                guard let term = reader.number(of: name) else { continue }
                for block in Int(reader.termBlocks[term])..<Int(reader.termBlocks[term + 1]) {
                    reader.unpack(block: block, ofTerm: term, docids: docids, values: values)
                    let count = reader.size(ofBlock: block, ofTerm: term)
                    if query.field == .text, let inverses = inverses.baseAddress,
                        let lengths = segment.lengths.baseAddress
                    {
                        apus_scatter_bm25(
                            docids, values, UInt32(count), lengths, inverses, scorer.bm25Weight, scorer.scale,
                            accumulators)
                    } else {
                        apus_scatter_impacts(docids, values, UInt32(count), scorer.weight, accumulators)
                    }
                    counters.postings += count
                    counters.blocks += 1
                    counters.blocksInLists += 1
                }
            }
        }
        var docid = 0
        while true {
            docid = apus_find_at_least(accumulators, docid, segment.documents, max(1, top.threshold))
            guard docid < segment.documents else { break }
            top.offer(accumulators[docid], segment: number, docid: UInt32(docid))
            docid += 1
        }
        counters.documents += segment.documents
    }
}
