/// The documents that count of several segments, by external id, descending: at each step the last of what the segments have left.
struct DescendingIDs: IteratorProtocol, Sequence {
    private let views: [SegmentView]
    private var places: [Int]
    /// The first eight bytes of each segment's next id decide most comparisons.
    private var prefixes: [UInt64]

    init(_ views: [SegmentView]) {
        self.views = views
        places = [Int](repeating: 0, count: views.count)
        prefixes = [UInt64](repeating: 0, count: views.count)
        for part in views.indices { skipHidden(part) }
    }

    /// The next document; of several with the same id that of the first segment comes first.
    /// - Complexity: O(segments).
    mutating func next() -> (part: Int, docid: Int)? {
        var last: Int?
        for part in views.indices where places[part] < views[part].segment.documents {
            guard let best = last else {
                last = part
                continue
            }
            if prefixes[part] < prefixes[best] { continue }
            if unsafe prefixes[part] > prefixes[best]
                || views[best].segment.idUTF8(docid(best)).lexicographicallyPrecedes(
                    views[part].segment.idUTF8(docid(part)))
            {
                last = part
            }
        }
        guard let last else { return nil }
        let found = (part: last, docid: docid(last))
        places[last] += 1
        skipHidden(last)
        return found
    }

    private func docid(_ part: Int) -> Int { unsafe Int(views[part].segment.documentsByID[places[part]]) }

    private mutating func skipHidden(_ part: Int) {
        let view = views[part]
        while places[part] < view.segment.documents, !(view.documents?.contains(UInt32(docid(part))) ?? true) {
            places[part] += 1
        }
        guard places[part] < view.segment.documents else { return }
        prefixes[part] = unsafe TermNumbers.prefix(view.segment.idUTF8(docid(part)))
    }
}

/// Documents of several indexes that have the same id.
public struct RepeatedIDs: Sendable {
    /// An id, and the places of two indexes that have it.
    public struct Repetition: Sendable, Equatable {
        /// The id.
        public let id: String
        /// The first index that has it.
        public let first: Int
        /// Another one.
        public let second: Int
    }

    /// The first repetition found; nil where every id is there once.
    public private(set) var first: Repetition?
    /// Of each index, the documents whose ids a later one has.
    public private(set) var replaced: [[String]]

    /// Looks through all ids.
    /// - Complexity: O(documents × segments).
    public init(_ parts: [IndexSnapshot]) {
        replaced = [[String]](repeating: [], count: parts.count)
        let owners = parts.enumerated().flatMap { number, part in part.views.map { _ in number } }
        let views = parts.flatMap(\.views)
        var before: (part: Int, docid: Int)?
        for document in DescendingIDs(views) {
            defer { before = document }
            guard let last = before else { continue }
            let isSame = unsafe views[last.part].segment.idUTF8(last.docid).elementsEqual(
                views[document.part].segment.idUTF8(document.docid))
            guard isSame else { continue }
            let id = views[document.part].segment.id(document.docid)
            // Equal ids come in the order of their indexes.
            replaced[owners[last.part]].append(id)
            if first == nil { first = Repetition(id: id, first: owners[last.part], second: owners[document.part]) }
        }
    }
}
