/// The terms of one text, in text order, as contiguous UTF-8.
///
/// A buffer is filled again and again without an allocation per term.
public struct TermBuffer: Sendable {
    /// The UTF-8 bytes of all terms, one after the other.
    public private(set) var bytes: [UInt8] = []

    /// Where each term ends in ``bytes``; it starts where the term before it ends.
    public private(set) var ends: [Int32] = []

    /// An empty buffer.
    public init() {}

    /// Forgets the terms.
    public mutating func removeAll(keepingCapacity: Bool = true) {
        bytes.removeAll(keepingCapacity: keepingCapacity)
        ends.removeAll(keepingCapacity: keepingCapacity)
    }

    /// The number of terms, duplicates counted.
    public var count: Int { ends.count }

    /// The term at `index` of the text.
    public subscript(index: Int) -> String {
        String(decoding: bytes[range(of: index)], as: UTF8.self)
    }

    /// Where the bytes of the term at `index` stand in ``bytes``.
    public func range(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
    }

    /// All terms as strings.
    ///
    /// - Complexity: O(bytes), one allocation per long term.
    public var strings: [String] { (0..<count).map { self[$0] } }

    /// Lets `body` write at most `capacity` more bytes and the ends of the terms in them.
    ///
    /// - Parameter body: Gets the free room, the offset of that room in ``bytes`` and the list of ends to append to;
    ///   returns the number of bytes it used.
    mutating func append(
        capacity: Int, _ body: (_ room: UnsafeMutablePointer<UInt8>, _ offset: Int32, _ ends: inout [Int32]) -> Int
    ) {
        let offset = bytes.count
        precondition(offset + capacity <= Int(Int32.max), "a term buffer holds less than 2 GiB")
        bytes.append(contentsOf: repeatElement(0, count: capacity))
        let used = unsafe bytes.withUnsafeMutableBufferPointer { all in
            guard let base = all.baseAddress else { return 0 }
            return unsafe body(base + offset, Int32(offset), &ends)
        }
        bytes.removeLast(capacity - used)
    }
}
