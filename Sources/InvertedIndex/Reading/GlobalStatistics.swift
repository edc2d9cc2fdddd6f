/// What scoring needs to know of everything that is searched: the same for every segment, so that splitting changes no score.
struct GlobalStatistics: Sendable {
    let views: [SegmentView]
    let collection: CollectionStatistics
    let averageLength: Float
    let learnedScale: Float

    /// - Parameter collection: The numbers of the whole collection; nil takes those of the segments.
    init(_ views: [SegmentView], learnedScale: Float?, collection: CollectionStatistics? = nil) {
        self.views = views
        self.collection = collection ?? Self.ofSegments(views)
        averageLength = self.collection.averageLength
        self.learnedScale = learnedScale ?? 1
    }

    private static func ofSegments(_ views: [SegmentView]) -> CollectionStatistics {
        func sum(_ number: (SegmentEntry) -> Int) -> Int { views.reduce(0) { $0 + number($1.segment.entry) } }
        return CollectionStatistics(
            documents: sum(\.documents), documentsWithText: sum(\.documentsWithText), words: sum(\.words))
    }

    /// Where a term stands in each segment's dictionary, nil where it does not, and its documents in the collection.
    func find(_ term: String, _ field: Field) -> (numbers: [Int?], documentFrequency: Int) {
        var numbers: [Int?] = []
        var count = 0
        for view in views {
            let reader = view.segment.fields[field]
            let number = reader?.number(of: term)
            if let reader, let number { count += Int(reader.termPostings[number]) }
            numbers.append(number)
        }
        return (numbers, collection.term(term, field)?.documents ?? count)
    }

    func documentFrequency(of term: String, field: Field) -> Int { find(term, field).documentFrequency }

    /// The largest impact of a learned term whose places are known.
    func largestImpact(of term: String, numbers: [Int?]) -> UInt8 {
        if let known = collection.term(term, .learned) { return known.largestImpact }
        var largest: UInt8 = 0
        for (view, number) in zip(views, numbers) {
            guard let number, let reader = view.segment.fields[.learned] else { continue }
            largest = max(largest, reader.largestImpact(ofTerm: number))
        }
        return largest
    }
}
