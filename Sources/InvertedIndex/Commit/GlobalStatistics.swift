/// What scoring needs to know of the whole index: the same for every segment, so that splitting changes no score.
struct GlobalStatistics: Sendable {
    let segments: [Segment]
    let documents: Int
    let documentsWithText: Int
    let averageLength: Float
    let learnedScale: Float

    init(_ segments: [Segment], learnedScale: Float?) {
        self.segments = segments
        documents = segments.reduce(0) { $0 + $1.documents }
        documentsWithText = segments.reduce(0) { $0 + $1.entry.documentsWithText }
        let words = segments.reduce(0) { $0 + $1.entry.words }
        averageLength = documentsWithText > 0 ? Float(Double(words) / Double(documentsWithText)) : 1
        self.learnedScale = learnedScale ?? 1
    }

    /// Where a term stands in each segment's dictionary, nil where it does not, and its documents in all of them.
    func find(_ term: String, _ field: Field) -> (numbers: [Int?], documentFrequency: Int) {
        var numbers: [Int?] = []
        var count = 0
        for segment in segments {
            let reader = segment.fields[field]
            let number = reader?.number(of: term)
            if let reader, let number { count += Int(reader.termPostings[number]) }
            numbers.append(number)
        }
        return (numbers, count)
    }

    func documentFrequency(of term: String, field: Field) -> Int { find(term, field).documentFrequency }
}
