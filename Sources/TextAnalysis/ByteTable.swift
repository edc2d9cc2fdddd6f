/// Byte strings with an id each, in one open hash table.
///
/// Swift's `String` takes canonically equal texts for one ("K" and the Kelvin sign), vocabularies do not; so bytes are compared.
struct ByteTable: Sendable {
    private struct Slot {
        var hash: UInt32 = 0
        /// Negative in a free slot.
        var id: Int32 = -1
        var start: Int32 = 0
        var count: Int32 = 0
    }

    private var bytes: [UInt8] = []
    private var slots: [Slot]
    private let mask: Int
    /// Bytes of the longest string.
    private(set) var longest = 0

    /// The hash of no bytes.
    static let seed: UInt32 = 0x811C_9DC5

    @inline(__always)
    static func extend(_ hash: UInt32, by byte: UInt8) -> UInt32 { (hash ^ UInt32(byte)) &* 0x0100_0193 }

    /// A table with room for `count` strings.
    init(count: Int) {
        var capacity = 16
        while capacity < count * 2 { capacity *= 2 }
        slots = [Slot](repeating: Slot(), count: capacity)
        mask = capacity - 1
    }

    /// Sets the id of a string; at most as often as the table has room.
    /// - Returns: The id that the string had before.
    @discardableResult
    mutating func insert(_ text: some Collection<UInt8>, id: Int32) -> Int32? {
        let hash = text.reduce(Self.seed) { Self.extend($0, by: $1) }
        let start = bytes.count
        bytes.append(contentsOf: text)
        var place = Self.place(hash) & mask
        while slots[place].id >= 0 {
            let slot = slots[place]
            if slot.hash == hash, bytes[start...].elementsEqual(bytes[Int(slot.start)..<Int(slot.start + slot.count)]) {
                bytes.removeLast(bytes.count - start)
                slots[place].id = id
                return slot.id
            }
            place = (place + 1) & mask
        }
        slots[place] = Slot(hash: hash, id: id, start: Int32(start), count: Int32(bytes.count - start))
        longest = max(longest, bytes.count - start)
        return nil
    }

    @inline(__always)
    private static func place(_ hash: UInt32) -> Int { Int((hash ^ hash >> 15) &* 0x2C1B_3C6D >> 3) }

    /// The id of `text[range]`, whose hash is known; nil when there is none.
    @inline(__always)
    func id(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, hash: UInt32) -> Int32? {
        unsafe slots.withUnsafeBufferPointer { slots in
            var place = Self.place(hash) & mask
            while unsafe slots[place].id >= 0 {
                let slot = unsafe slots[place]
                if slot.hash == hash, Int(slot.count) == range.count, unsafe isEqual(text, range, Int(slot.start)) {
                    return slot.id
                }
                place = (place + 1) & mask
            }
            return nil
        }
    }

    /// The id of a whole string; nil when there is none.
    func id(_ text: some Sequence<UInt8>) -> Int32? {
        let text = Array(text)
        return unsafe text.withUnsafeBufferPointer { unsafe id($0, 0..<$0.count) }
    }

    /// The id of `text[range]`; nil when there is none.
    func id(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int32? {
        var hash = Self.seed
        for index in range { hash = unsafe Self.extend(hash, by: text[index]) }
        return unsafe id(text, range, hash: hash)
    }

    @inline(__always)
    private func isEqual(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ start: Int) -> Bool {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            for index in 0..<range.count where unsafe bytes[start + index] != text[range.lowerBound + index] {
                return false
            }
            return true
        }
    }
}
