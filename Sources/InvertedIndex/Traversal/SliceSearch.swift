import ParallelWork

/// One search's work on one slice of a segment, in two steps, between which the threshold of all slices becomes known.
///
/// Used by one thread at a time.
final class SliceSearch: @unchecked Sendable {
    private let slice: SegmentSlice
    private let query: PreparedQuery
    private let traversal: Traversal
    private let mayFallBack: Bool
    private let scratch: Scratch
    private var ranges: RangeTraversal?
    private var windows: WindowTraversal?
    private(set) var top: TopK
    private(set) var counters = SearchCounters()

    init(
        _ slice: SegmentSlice, _ query: PreparedQuery, _ traversal: Traversal, mayFallBack: Bool, _ scratch: Scratch,
        _ top: TopK
    ) {
        self.slice = slice
        self.query = query
        self.traversal = traversal
        self.mayFallBack = mayFallBack
        self.scratch = scratch
        self.top = top
    }

    /// Runs every search, on as many threads as asked for.
    static func run(_ searches: [SliceSearch], threads: Int) {
        if searches.contains(where: { $0.traversal == .range || $0.traversal == .window }) {
            ParallelMap.forEach(count: searches.count, threads: threads) { searches[$0].begin() }
        }
        ParallelMap.forEach(count: searches.count, threads: threads) { searches[$0].finish() }
    }

    /// Does all of it.
    func run() {
        begin()
        finish()
    }

    /// Bounds the ranges or windows and scores the most promising ones.
    private func begin() {
        guard traversal == .range || traversal == .window else { return }
        top.enter(slice.number)
        if traversal == .range {
            ranges = RangeTraversal(slice, query, scratch, &top, &counters)
        } else {
            windows = WindowTraversal(slice, query, scratch, &top, &counters)
        }
        top.exchange()
    }

    /// Scores the rest.
    private func finish() {
        top.enter(slice.number)
        top.exchange()
        switch traversal {
        case .range where ranges?.finish(mayFallBack: mayFallBack, &top, &counters) ?? true: break
        case .window where windows?.finish(mayFallBack: mayFallBack, &top, &counters) ?? true: break
        case .range, .window, .exhaustive, .automatic:
            ExhaustiveTraversal.run(slice, query, scratch, &top, &counters)
        case .maxScore, .blockMaxMaxScore, .wand, .blockMaxWand:
            let list = CursorList(slice.segment, number: slice.number, query)
            if traversal == .maxScore || traversal == .blockMaxMaxScore {
                MaxScoreTraversal.run(
                    list, segment: slice.number, blockMax: traversal == .blockMaxMaxScore, &top, &counters)
            } else {
                WandTraversal.run(list, segment: slice.number, blockMax: traversal == .blockMaxWand, &top, &counters)
            }
            list.count(into: &counters)
        }
        top.tighten()
        top.exchange()
    }
}
