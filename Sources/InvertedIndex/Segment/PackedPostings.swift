/// One posting list in memory: about two bytes for each posting, where plain arrays take eight.
///
/// The gaps between docids in bytes of seven bits, low ones first, the eighth bit telling that more follow; of a frequency whether it
/// is 1 stands in the lowest bit of the gap, and a larger one follows the gap. An impact is one byte.
struct PackedPostings {
    private(set) var bytes: [UInt8] = []
    /// The last docid in `bytes`; none: UInt32.max.
    private var encoded: UInt32 = .max
    /// The document that a frequency is being counted for.
    private var counted: UInt32 = .max
    private var frequency: UInt32 = 0
    /// Documents so far.
    private(set) var postings = 0

    /// One more occurrence of a word in a document, docids ascending.
    /// - Returns: How many bytes that took.
    mutating func count(_ docid: UInt32) -> Int {
        if counted == docid, frequency > 0 {
            frequency &+= 1
            return 0
        }
        let before = bytes.count
        endFrequency()
        (counted, frequency) = (docid, 1)
        postings += 1
        return bytes.count - before
    }

    private mutating func endFrequency() {
        guard frequency > 0 else { return }
        append(UInt64(counted &- encoded) << 1 | (frequency == 1 ? 1 : 0))
        if frequency > 1 { append(UInt64(frequency)) }
        encoded = counted
    }

    /// Appends an impact, docids ascending.
    /// - Returns: How many bytes that took.
    mutating func append(_ docid: UInt32, impact: UInt8) -> Int {
        let before = bytes.count
        append(UInt64(docid &- encoded))
        bytes.append(impact)
        encoded = docid
        postings += 1
        return bytes.count - before
    }

    /// Appends a whole list.
    mutating func append(_ list: PostingList, _ field: Field) {
        for (docid, value) in zip(list.docids, list.values) {
            guard field == .text else {
                _ = append(docid, impact: UInt8(truncatingIfNeeded: value))
                continue
            }
            endFrequency()
            (counted, frequency) = (docid, value)
            postings += 1
        }
        endFrequency()
        frequency = 0
    }

    /// Forgets the list, and keeps its room.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        (encoded, counted, frequency, postings) = (.max, .max, 0, 0)
    }

    private mutating func append(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    /// Appends its postings to a list.
    func decode(_ field: Field, _ list: inout PostingList) {
        unsafe bytes.withUnsafeBufferPointer { unsafe Self.decode($0, field, &list) }
        guard frequency > 0 else { return }
        list.docids.append(counted)
        list.values.append(frequency)
    }

    /// Appends the postings in `bytes` to a list.
    static func decode(_ bytes: UnsafeBufferPointer<UInt8>, _ field: Field, _ list: inout PostingList) {
        var (place, docid) = (0, UInt32.max)
        while place < bytes.count {
            let gap = unsafe next(bytes, &place)
            if field == .text {
                docid = docid &+ UInt32(truncatingIfNeeded: gap >> 1)
                unsafe list.values.append(gap & 1 == 1 ? 1 : UInt32(truncatingIfNeeded: next(bytes, &place)))
            } else {
                docid = docid &+ UInt32(truncatingIfNeeded: gap)
                unsafe list.values.append(UInt32(bytes[place]))
                place += 1
            }
            list.docids.append(docid)
        }
    }

    private static func next(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> UInt64 {
        var (value, shift) = (UInt64(0), UInt64(0))
        while true {
            let byte = unsafe bytes[place]
            place += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }
}
