import FileStorage

/// The postings of another source, recorded while that one is read once, to be read again as often as it takes.
///
/// Where documents change places, lists are looked at before the new order is known and written afterwards. The record keeps their
/// documents in the old order, about two bytes for each posting, in memory while they are few, else in a file without a name. For
/// each list: the length of its term, its postings and their bytes, four bytes each; the term; the postings, see `PackedPostings`.
package struct RecordedPostings: PostingSource {
    package let field: Field
    private let record: ScratchFile
    private let directory: String
    private var places: [UInt32]?
    private var order: PostingOrder
    /// What has been read of the record, from `start` on; the next list begins at `next` of it.
    private var window: [UInt8] = []
    private var start = 0
    private var next = 0
    private static let headBytes = 12
    private static let windowBytes = 1 << 18
    /// Bytes of the record.
    package var bytes: Int { record.count }

    /// Reads a source to its end.
    /// - Parameters:
    ///   - directory: Where the file is made.
    ///   - most: Bytes that stay in memory.
    /// - Throws: What the source throws, and ``IndexError/storage(_:)`` when there is no room for the record.
    package init(
        _ source: some PostingSource, documents: Int, directory: String, most: Int = 8 << 20
    ) throws(IndexError) {
        field = source.field
        self.directory = directory
        order = PostingOrder(documents: documents)
        record = ScratchFile(directory: directory, most: most)
        var (source, list, packed, bytes) = (source, PostingList(), PackedPostings(), [UInt8]())
        while try source.next(&list) {
            packed.removeAll()
            packed.append(list, field)
            for number in [list.term.count, list.docids.count, packed.bytes.count] {
                unsafe withUnsafeBytes(of: UInt32(number).littleEndian) { unsafe bytes.append(contentsOf: $0) }
            }
            bytes.append(contentsOf: list.term)
            bytes.append(contentsOf: packed.bytes)
            if bytes.count >= Self.windowBytes { try append(&bytes) }
        }
        try append(&bytes)
    }

    private func append(_ bytes: inout [UInt8]) throws(IndexError) {
        do throws(StorageError) { try record.append(bytes) } catch { throw .storage(error) }
        bytes.removeAll(keepingCapacity: true)
    }

    /// The same postings from the beginning, with each document at its place.
    /// - Parameter places: nil leaves them where they are.
    func moved(to places: [UInt32]?) -> RecordedPostings {
        var moved = self
        (moved.places, moved.start, moved.next, moved.window) = (places, 0, 0, [])
        return moved
    }

    package mutating func next(_ list: inout PostingList) throws(IndexError) -> Bool { try next(&list) { _ in true } }

    package mutating func next(_ list: inout PostingList, where isWanted: (Int) -> Bool) throws(IndexError) -> Bool {
        while try fill(Self.headBytes) {
            let (term, postings, bytes) = (number(at: 0), number(at: 4), number(at: 8))
            next += Self.headBytes
            guard isWanted(postings) else {
                next += term + bytes
                continue
            }
            guard try fill(term + bytes) else { break }
            list.term.removeAll(keepingCapacity: true)
            list.docids.removeAll(keepingCapacity: true)
            list.values.removeAll(keepingCapacity: true)
            list.term.append(contentsOf: window[next..<next + term])
            unsafe window.withUnsafeBufferPointer { window in
                let data = unsafe UnsafeBufferPointer(rebasing: window[next + term..<next + term + bytes])
                unsafe PackedPostings.decode(data, field, &list)
            }
            next += term + bytes
            if let places {
                for index in list.docids.indices { list.docids[index] = places[Int(list.docids[index])] }
                order.sort(&list)
            }
            return true
        }
        return false
    }

    private func number(at offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(window[next + offset + $1]) << (8 * $1) }
    }

    /// Makes the window hold the next bytes.
    /// - Returns: Whether there are as many.
    private mutating func fill(_ count: Int) throws(IndexError) -> Bool {
        if next + count <= window.count { return true }
        let wanted = min(record.count - (start + next), max(count, Self.windowBytes))
        guard wanted >= count else { return false }
        start += next
        next = 0
        do throws(StorageError) { try record.read(start, wanted, into: &window) } catch { throw .storage(error) }
        return true
    }
}
