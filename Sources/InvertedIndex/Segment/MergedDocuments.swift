/// The documents of a joined segment: which of its parts' they are, and where each of them goes.
struct MergedDocuments: Sendable {
    /// The place of a document that does not count.
    static let hidden = UInt32.max

    /// Documents of the joined segment.
    let count: Int
    /// Whether each part's docids ascend with their places.
    private(set) var isInOrder = true
    /// The number of each part's first document when all documents of all parts are counted, and of the end.
    private let starts: [Int]
    /// Of each part, where its documents go; nil where they follow each other from its start.
    private var places: [[UInt32]?]
    /// The number of the document at each place; nil where it is the place.
    private var sources: [UInt32]?

    init(_ views: [SegmentView]) {
        starts = views.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.segment.documents) }
        count = views.reduce(0) { $0 + $1.count }
        guard count < starts[views.count] else {
            places = views.map { _ in nil }
            return
        }
        var places: [[UInt32]?] = []
        var sources: [UInt32] = []
        sources.reserveCapacity(count)
        for (view, start) in zip(views, starts) {
            places.append(
                (0..<view.segment.documents).map { docid in
                    guard view.documents?.contains(UInt32(docid)) ?? true else { return Self.hidden }
                    sources.append(UInt32(start + docid))
                    return UInt32(sources.count - 1)
                })
        }
        self.places = places
        self.sources = sources
    }

    /// Puts the documents in another order.
    /// - Parameter order: The place so far of the document at each place.
    mutating func reorder(_ order: [UInt32]) {
        sources = sources.map { sources in order.map { sources[Int($0)] } } ?? order
        for part in places.indices {
            places[part] = [UInt32](repeating: Self.hidden, count: starts[part + 1] - starts[part])
        }
        for place in 0..<count {
            let (part, docid) = source(of: place)
            places[part]?[docid] = UInt32(place)
        }
        isInOrder = false
    }

    /// The part and the docid there of the document at a place.
    /// - Complexity: O(log parts).
    func source(of place: Int) -> (part: Int, docid: Int) {
        let number = sources.map { Int($0[place]) } ?? place
        var (low, high) = (0, starts.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= number { low = middle } else { high = middle }
        }
        return (low, number - starts[low])
    }

    /// Where a part's document goes; ``hidden`` for one that does not count.
    func place(of docid: Int, in part: Int) -> UInt32 { places[part]?[docid] ?? UInt32(starts[part] + docid) }

    /// Appends the places of docids and their values, without those that do not count.
    func append(
        _ docids: UnsafeBufferPointer<UInt32>, _ values: UnsafeBufferPointer<UInt32>, of part: Int,
        to list: inout PostingList
    ) {
        guard let places = places[part] else {
            let base = UInt32(starts[part])
            unsafe list.docids.append(contentsOf: docids.lazy.map { $0 &+ base })
            unsafe list.values.append(contentsOf: values)
            return
        }
        for index in docids.indices {
            let (place, value) = unsafe (places[Int(docids[index])], values[index])
            guard place != Self.hidden else { continue }
            list.docids.append(place)
            list.values.append(value)
        }
    }
}
