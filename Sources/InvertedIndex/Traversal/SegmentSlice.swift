/// Consecutive documents of one segment, the work of one thread at a time.
struct SegmentSlice {
    let view: SegmentView
    /// Place of the segment in the snapshot.
    let number: Int
    /// Begins with a group of 64 ranges.
    let documents: Range<Int>

    var segment: Segment { view.segment }

    /// The ranges of 32 documents in it.
    var ranges: Range<Int> { documents.lowerBound / rangeSize..<rangeCount(documents: documents.upperBound) }

    /// Documents from which a slice repays its thread, about 0.1 ms of work for a long query.
    private static let fewest = 65_536

    /// Cuts segments into up to `parts` slices each.
    static func cut(_ views: [SegmentView], parts: Int) -> [SegmentSlice] {
        var slices: [SegmentSlice] = []
        for (number, view) in views.enumerated() {
            let segment = view.segment
            let parts = max(1, min(parts, segment.documents / fewest))
            let group = 64 * rangeSize
            let size = max(group, (segment.documents / parts + group - 1) / group * group)
            for first in stride(from: 0, to: max(1, segment.documents), by: size) {
                slices.append(
                    SegmentSlice(
                        view: view, number: number, documents: first..<min(first + size, segment.documents)))
            }
        }
        return slices
    }
}
