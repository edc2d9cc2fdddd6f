/// The postings of a buffer, its terms in order.
struct BufferPostings: PostingSource {
    let field: Field
    private let lists: [PackedPostings]
    /// Numbers of lists, by the names of their terms.
    private let terms: [UInt32]
    private let name: (Int) -> [UInt8]
    private let places: [UInt32]?
    private var next = 0
    private var order: PostingOrder

    init(
        _ field: Field, _ lists: [PackedPostings], terms: [UInt32], documents: Int, places: [UInt32]?,
        name: @escaping (Int) -> [UInt8]
    ) {
        self.field = field
        self.lists = lists
        self.name = name
        self.terms = terms
        self.places = places
        order = PostingOrder(documents: documents)
    }

    mutating func next(_ list: inout PostingList) throws(IndexError) -> Bool { try next(&list) { _ in true } }

    mutating func next(_ list: inout PostingList, where isWanted: (Int) -> Bool) throws(IndexError) -> Bool {
        while next < terms.count, !isWanted(lists[Int(terms[next])].postings) { next += 1 }
        guard next < terms.count else { return false }
        let number = Int(terms[next])
        next += 1
        list.docids.removeAll(keepingCapacity: true)
        list.values.removeAll(keepingCapacity: true)
        list.term = name(number)
        lists[number].decode(field, &list)
        if let places {
            for index in list.docids.indices { list.docids[index] = places[Int(list.docids[index])] }
            order.sort(&list)
        }
        return true
    }
}
