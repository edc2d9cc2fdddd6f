/// Reads every posting of a field and holds against it what is stored to skip it.
///
/// Docids ascend and end where the block says; values are in their range; every posting is dominated by a pair of its block;
/// leaders are the impacts of their ranks; stored maxima of ranges dominate. Slow and obvious on purpose.
struct FieldCheck {
    private let field: FieldReader
    private let segment: Segment
    private let name: String
    private let largestImpact: UInt32
    /// Σ frequencies of each document, for the text field.
    private(set) var words: [UInt32]

    init(_ field: FieldReader, _ segment: Segment, profile: IndexProfile) {
        self.field = field
        self.segment = segment
        name = field.field.rawValue
        largestImpact = profile.largestImpact
        words = [UInt32](repeating: 0, count: field.field == .text ? segment.documents : 0)
    }

    /// - Complexity: O(postings).
    mutating func run(_ findings: inout FindingList) {
        var before: [UInt8]?
        for term in 0..<field.terms {
            let bytes = unsafe Array(field.termUTF8(term))
            if let before, !before.lexicographicallyPrecedes(bytes) {
                findings.add("\(name).term.bytes", "term \(term)", "terms do not ascend")
            }
            if String(validating: bytes, as: UTF8.self) == nil {
                findings.add("\(name).term.bytes", "term \(term)", "it is not UTF-8")
            }
            before = bytes
            check(term, bytes, &findings)
        }
    }

    private mutating func check(_ term: Int, _ bytes: [UInt8], _ findings: inout FindingList) {
        func place(_ block: Int) -> String {
            let byte = unsafe field.postingsOffset + Int(field.blockOffset[block])
            return
                "block \(block) of term \(term) '\(String(decoding: bytes, as: UTF8.self))', byte \(byte) of the file"
        }
        let (docids, values) = field.postings(ofTerm: term)
        var next = 0
        var done = 0
        for block in unsafe Int(field.termBlocks[term])..<Int(field.termBlocks[term + 1]) {
            let size = field.size(ofBlock: block, ofTerm: term)
            for index in done..<done + size {
                let (docid, value) = (Int(docids[index]), values[index])
                guard docid >= next, docid < segment.documents else {
                    findings.add("\(name).postings", place(block), "docid \(docid) after \(next - 1)")
                    return
                }
                next = docid + 1
                if value == 0 || field.field == .learned && value > largestImpact {
                    findings.add("\(name).postings", place(block), "the value \(value) of docid \(docid)")
                }
                if !isDominated(value, docid, block) {
                    findings.add("\(name).block.pairs", place(block), "no pair dominates docid \(docid)")
                }
                if field.field == .text { words[docid] &+= value }
            }
            done += size
            if size > 0, unsafe docids[done - 1] != field.blockLast[block] {
                findings.add(
                    "\(name).block.last", place(block),
                    unsafe "\(field.blockLast[block]), its last docid is \(docids[done - 1])")
            }
        }
        guard field.field == .learned else { return }
        let sorted = values.sorted(by: >)
        for (place, rank) in leaderRanks.enumerated() {
            let stored = unsafe UInt32(field.leaders[term * leaderRanks.count + place])
            let found = rank <= sorted.count ? sorted[rank - 1] : 0
            if stored != found {
                findings.add(
                    "learned.term.leaders", "term \(term), rank \(rank)", "\(stored) is stored, its impact is \(found)")
            }
        }
        if let frequent = field.frequent, let place = frequent.place(ofTerm: term),
            let problem = unsafe frequent.problem(
                at: place, docids: docids, values: values, postings: field.postings)
        {
            findings.add(problem.tensor, "term \(term), \(problem.place)", problem.detail)
        }
        if let maxima = unsafe field.maxima(ofTerm: term) {
            for (docid, impact) in zip(docids, values) where unsafe UInt32(maxima[Int(docid) / rangeSize]) < impact {
                findings.add(
                    "learned.dense.maxima", "term \(term), range \(Int(docid) / rangeSize)",
                    unsafe "\(maxima[Int(docid) / rangeSize]) does not dominate the impact \(impact) of docid \(docid)")
            }
        }
    }

    private func isDominated(_ value: UInt32, _ docid: Int, _ block: Int) -> Bool {
        let length = unsafe field.field == .text ? segment.lengths[docid] : 0
        for pair in unsafe Int(field.blockBounds[block])..<Int(field.blockBounds[block + 1]) {
            let (bound, shortest) = unsafe (UInt32(field.blockPairs[2 * pair]), field.blockPairs[2 * pair + 1])
            // 255 stands for 255 and more.
            if bound >= min(value, 255), field.field == .learned || shortest <= length { return true }
        }
        return false
    }
}
