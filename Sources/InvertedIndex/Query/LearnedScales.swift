/// Impact per unit of learned weight, in each view.
struct LearnedScales: Sendable {
    let all: [Float]
    /// That of all views, where they have the same.
    let common: Float?

    init(all: [Float], common: Float?) {
        self.all = all
        self.common = common
    }

    /// - Parameter standard: The scale of segments that have none of their own.
    init(_ views: [SegmentView], standard: Float?) {
        all = views.map(\.scale)
        let used = views.filter { $0.segment.fields[.learned].map { $0.terms > 0 } ?? false }.map(
            \.scale)
        let first = used.first ?? standard ?? 1
        common = used.allSatisfy { $0 == first } ? first : nil
    }
}
