import CApusKernels
import Foundation
import ParallelWork

/// An order of documents in which similar ones are neighbours: gaps become small, and ranges of documents differ, so that
/// bounds prune. See `apus_bisect`.
///
/// It takes the memory that it is given. Where the terms of all documents do not fit, those of the longest lists are left out first,
/// down to some of each document; then documents change places only within groups of neighbours, as few groups as it takes.
struct DocumentOrder {
    /// Smaller segments gain nothing.
    static let fewestDocuments = 1024
    /// Groups that are left as they are: one range of documents.
    private static let smallest = rangeSize
    /// Terms of more documents than this share tell little and cost most: without them the order is as good, where others are left.
    private static let largestShare = 8
    /// Terms of a document, on average, that are kept whatever their lists are.
    private static let fewestTerms = 24
    /// A place in the order, where a document's terms begin, their number, its gain.
    private static let documentBytes = 16

    private let documents: Int
    private let memory: Int
    private let threads: Int
    /// The longest list that is looked at.
    private var longest: Int
    /// Terms that are looked at, and their postings.
    private var terms = 0
    private var postings = 0

    /// Orders documents by the lists of one field.
    /// - Parameters:
    ///   - source: The lists, which can be read again from their beginning; three times, and twice more for each further group.
    ///   - memory: Bytes that may be taken.
    ///   - threads: On how many threads parts are ordered side by side; the order does not depend on it.
    /// - Returns: The document at each place.
    /// - Throws: What the source throws.
    /// - Complexity: O(postings × log documents) time, 4 bytes for each posting.
    static func bisect(
        documents: Int, _ source: some PostingSource, memory: Int,
        threads: Int = min(4, ProcessInfo.processInfo.activeProcessorCount)
    ) throws(IndexError) -> [UInt32] {
        try DocumentOrder(documents, source, memory, threads).order(source)
    }

    private init(_ documents: Int, _ source: some PostingSource, _ memory: Int, _ threads: Int) throws(IndexError) {
        self.documents = documents
        self.memory = memory
        self.threads = threads
        longest = max(2, documents / 4 * 3)
        // Terms and postings of lists by their length, in quarters of an octave.
        var classes = [(terms: Int, postings: Int)](repeating: (0, 0), count: 4 * 33)
        var (lists, list, limit) = (source, PostingList(), longest)
        _ = try lists.next(&list) { count in
            guard count > 1, count <= limit else { return false }
            classes[Self.lengthClass(count)].terms += 1
            classes[Self.lengthClass(count)].postings += count
            return false
        }
        terms = classes.reduce(0) { $0 + $1.terms }
        postings = classes.reduce(0) { $0 + $1.postings }
        for (place, length) in classes.enumerated().reversed() where length.terms > 0 {
            guard bytes > memory || Self.shortest(ofClass: place) > documents / Self.largestShare,
                postings - length.postings >= documents * Self.fewestTerms
            else { break }
            limit = Self.shortest(ofClass: place) - 1
            terms -= length.terms
            postings -= length.postings
        }
        longest = limit
    }

    private static func lengthClass(_ count: Int) -> Int {
        let octave = Int.bitWidth - 1 - count.leadingZeroBitCount
        return octave < 2 ? octave * 4 : octave * 4 + (count >> (octave - 2) & 3)
    }

    private static func shortest(ofClass place: Int) -> Int {
        place < 8 ? 1 << (place / 4) : (4 + place % 4) << (place / 4 - 2)
    }

    /// What ordering all documents at once takes.
    private var bytes: Int {
        documents * Self.documentBytes + 4 * postings + threads * Int(APUS_BISECTION_TERM_BYTES) * terms
    }

    private func order(_ source: some PostingSource) throws(IndexError) -> [UInt32] {
        var order = (0..<UInt32(documents)).map { $0 }
        let groups = min(max(1, (bytes + memory - 1) / max(1, memory)), max(1, documents / Self.fewestDocuments))
        for group in 0..<groups {
            try bisect(documents * group / groups..<documents * (group + 1) / groups, &order, source)
        }
        return order
    }

    /// Calls `body` with each list that is looked at.
    private func forEachList(
        _ source: some PostingSource, _ body: (PostingList) -> Void
    ) throws(IndexError) {
        var (lists, list) = (source, PostingList())
        while try lists.next(&list, where: { $0 > 1 && $0 <= longest }) { body(list) }
    }

    private func bisect(
        _ group: Range<Int>, _ order: inout [UInt32], _ source: some PostingSource
    ) throws(IndexError) {
        let (first, end) = (UInt32(group.lowerBound), UInt32(group.upperBound))
        var lists = [apus_term_list](repeating: apus_term_list(start: 0, count: 0), count: group.count)
        try forEachList(source) { list in
            for docid in list.docids where docid >= first && docid < end { lists[Int(docid - first)].count += 1 }
        }
        var sum: UInt64 = 0
        for place in lists.indices {
            lists[place].start = UInt32(truncatingIfNeeded: sum)
            sum += UInt64(lists[place].count)
            lists[place].count = 0
        }
        // More do not fit into the room for where they begin, 16 GB of them; the order then stays as it is.
        guard sum <= UInt64(UInt32.max) else { return }
        var terms = [UInt32](repeating: 0, count: Int(sum))
        var number: UInt32 = 0
        try forEachList(source) { list in
            var isThere = false
            for docid in list.docids where docid >= first && docid < end {
                let place = Int(docid - first)
                terms[Int(lists[place].start + lists[place].count)] = number
                lists[place].count += 1
                isThere = true
            }
            if isThere { number += 1 }
        }
        var gains = [Float](repeating: 0, count: group.count)
        unsafe lists.withUnsafeMutableBufferPointer { lists in
            unsafe terms.withUnsafeMutableBufferPointer { terms in
                unsafe gains.withUnsafeMutableBufferPointer { gains in
                    unsafe order.withUnsafeMutableBufferPointer { order in
                        let places = unsafe UnsafeMutableBufferPointer(rebasing: order[group])
                        for place in places.indices { unsafe places[place] = UInt32(place) }
                        let forward = unsafe apus_forward(
                            documents: lists.baseAddress, terms: terms.baseAddress, gains: gains.baseAddress)
                        unsafe run(forward, terms: Int(number), places)
                        for place in places.indices { unsafe places[place] += first }
                    }
                }
            }
        }
    }

    /// Cuts until there is a part for each thread, then orders the parts side by side; without memory they stay as they are.
    private func run(_ forward: apus_forward, terms: Int, _ order: UnsafeMutableBufferPointer<UInt32>) {
        guard let base = order.baseAddress, order.count > Self.smallest else { return }
        nonisolated(unsafe) let (forward, documents) = unsafe (forward, base)
        var parts = [(range: 0..<order.count, terms: terms)]
        while parts.count < threads {
            let whole = parts
            let left = ParallelMap.map(count: whole.count, threads: whole.count, chunk: 1) { numbers in
                numbers.map { number in
                    let (range, terms) = whole[number]
                    guard range.count > Self.smallest, let space = unsafe apus_bisection_create(terms) else { return 0 }
                    defer { unsafe apus_bisection_free(space) }
                    var forward = unsafe forward
                    return unsafe apus_bisect_once(
                        space, &forward, documents + range.lowerBound, range.count, range.lowerBound, terms)
                }
            }
            parts = zip(whole, left).flatMap { part, left in
                let middle = part.range.lowerBound + part.range.count / 2
                return [(part.range.lowerBound..<middle, left), (middle..<part.range.upperBound, left)]
            }
        }
        let last = parts
        ParallelMap.forEach(count: last.count, threads: threads) { number in
            let (range, terms) = last[number]
            guard range.count > Self.smallest, let space = unsafe apus_bisection_create(terms) else { return }
            defer { unsafe apus_bisection_free(space) }
            var forward = unsafe forward
            unsafe apus_bisect(
                space, &forward, documents + range.lowerBound, range.count, range.lowerBound, terms, Self.smallest)
        }
    }
}
