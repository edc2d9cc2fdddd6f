/// What scoring needs to know of everything that is searched: the same for every segment, so that splitting changes no score.
struct GlobalStatistics: Sendable {
    let views: [SegmentView]
    let collection: CollectionStatistics
    let averageLength: Float
    let scales: LearnedScales
    let live: LiveFrequencies

    /// - Parameters:
    ///   - live: That of views with the same documents deleted.
    ///   - collection: The numbers of the whole collection; nil takes those of the segments.
    init(
        _ views: [SegmentView], learnedScale: Float?, live: LiveFrequencies = LiveFrequencies(),
        collection: CollectionStatistics? = nil
    ) {
        self.views = views
        self.live = live
        self.collection = collection ?? Self.ofSegments(views)
        averageLength = self.collection.averageLength
        scales = LearnedScales(views, standard: learnedScale, elsewhere: self.collection.learnedScales)
    }

    /// Those of the live documents.
    private static func ofSegments(_ views: [SegmentView]) -> CollectionStatistics {
        func sum(_ number: (SegmentView) -> Int) -> Int { views.reduce(0) { $0 + number($1) } }
        var statistics = CollectionStatistics(
            documents: sum(\.liveDocuments), documentsWithText: sum(\.liveDocumentsWithText), words: sum(\.liveWords))
        statistics.learnedScales = Set(views.filter(\.segment.hasImpacts).map(\.scale))
        return statistics
    }

    /// Where a term stands in each segment's dictionary, nil where it does not, and its documents in the collection.
    /// - Throws: ``IndexError/corrupt(path:detail:)``, where documents are deleted.
    func find(_ term: String, _ field: Field) throws(IndexError) -> (numbers: [Int?], documentFrequency: Int) {
        let known = collection.term(term, field)
        var numbers: [Int?] = []
        var count = 0
        for (place, view) in views.enumerated() {
            let reader = view.segment.fields[field]
            let number = reader?.number(of: term)
            if known == nil, let reader, let number {
                count += try live.numbers(ofTerm: number, of: reader, in: view, number: place).documents
            }
            numbers.append(number)
        }
        return (numbers, known?.documents ?? count)
    }

    /// The largest weight of a learned term whose places are known.
    /// - Throws: as above.
    func largestWeight(of term: String, numbers: [Int?]) throws(IndexError) -> Double {
        if let known = collection.term(term, .learned) { return known.largestWeight }
        var largest = 0.0
        for (place, view) in views.enumerated() {
            guard let number = numbers[place], let reader = view.segment.fields[.learned] else {
                continue
            }
            let impact = try live.numbers(ofTerm: number, of: reader, in: view, number: place)
                .largestImpact
            largest = max(largest, Double(impact) / Double(view.scale))
        }
        return largest
    }
}
