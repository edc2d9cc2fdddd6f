/// Sorts posting lists by docid after the documents have changed places.
///
/// Short lists are sorted; those of every 32nd document and more are written into a table of all documents and read out in order.
struct PostingOrder {
    private let documents: Int
    private var pairs: [UInt64] = []
    private var isThere: [UInt64] = []
    private var table: [UInt32] = []

    init(documents: Int) { self.documents = documents }

    /// - Complexity: O(n log n), or O(n + documents / 64).
    mutating func sort(_ list: inout PostingList) {
        if list.docids.count > documents / 32 { sortByTable(&list) } else { sortByComparison(&list) }
    }

    private mutating func sortByComparison(_ list: inout PostingList) {
        pairs.removeAll(keepingCapacity: true)
        pairs.append(contentsOf: zip(list.docids, list.values).lazy.map { UInt64($0) << 32 | UInt64($1) })
        pairs.sort()
        for (index, pair) in pairs.enumerated() {
            list.docids[index] = UInt32(pair >> 32)
            list.values[index] = UInt32(truncatingIfNeeded: pair)
        }
    }

    private mutating func sortByTable(_ list: inout PostingList) {
        if table.isEmpty {
            table = [UInt32](repeating: 0, count: documents)
            isThere = [UInt64](repeating: 0, count: (documents + 63) / 64)
        }
        for (docid, value) in zip(list.docids, list.values) {
            table[Int(docid)] = value
            isThere[Int(docid) / 64] |= 1 << UInt64(docid % 64)
        }
        var index = 0
        for word in isThere.indices where isThere[word] != 0 {
            var bits = isThere[word]
            isThere[word] = 0
            while bits != 0 {
                let docid = word * 64 + bits.trailingZeroBitCount
                bits &= bits - 1
                list.docids[index] = UInt32(docid)
                list.values[index] = table[docid]
                index += 1
            }
        }
    }
}
