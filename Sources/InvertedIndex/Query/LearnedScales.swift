/// Impact per unit of learned weight, in each view.
struct LearnedScales: Sendable {
    let all: [Float]
    /// That of all views, where they have the same.
    let common: Float?

    init(all: [Float], common: Float?) {
        self.all = all
        self.common = common
    }

    /// - Parameters:
    ///   - standard: The scale of segments that have none of their own.
    ///   - elsewhere: Those of all parts of the collection.
    init(_ views: [SegmentView], standard: Float?, elsewhere: Set<Float> = []) {
        all = views.map(\.scale)
        let used = elsewhere.union(views.filter(\.segment.hasImpacts).map(\.scale))
        common = used.count > 1 ? nil : used.first ?? standard ?? 1
    }
}
