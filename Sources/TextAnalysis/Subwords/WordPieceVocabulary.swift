/// The pieces of a WordPiece vocabulary in one open hash table over UTF-8 bytes.
///
/// The hash of a longer text is made of the hash of a shorter one and the next byte, so one pass over a word gives the
/// hashes of all prefixes of what is left of it.
struct WordPieceVocabulary: Sendable {
    /// The tokens by id.
    let tokens: [String]

    /// The bytes of all tokens, one after the other.
    private let bytes: [UInt8]
    /// Where the bytes of each token start; one more than there are tokens.
    private let starts: [Int32]
    private let slots: [Slot]
    private let mask: Int
    /// The longest piece in bytes, the prefix of continuing pieces not counted.
    let longestPiece: Int

    private struct Slot {
        var hash: UInt32
        /// Negative in a free slot.
        var id: Int32
        /// Where the compared bytes start, behind the prefix of a continuing piece.
        var start: Int32
        var count: Int32
    }

    /// The hash before the first byte of a word, and of a piece inside a word.
    static let wordSeed: UInt32 = 0x811C_9DC5
    static let continuingSeed: UInt32 = 0x6B43_A9B5

    @inline(__always)
    static func extend(_ hash: UInt32, by byte: UInt8) -> UInt32 { (hash ^ UInt32(byte)) &* 0x0100_0193 }

    /// - Parameter continuingPrefix: What marks the pieces inside a word, `##`.
    init(_ tokens: [String], continuingPrefix: String) {
        self.tokens = tokens
        var bytes: [UInt8] = []
        var starts: [Int32] = []
        bytes.reserveCapacity(tokens.count * 8)
        starts.reserveCapacity(tokens.count + 1)
        for token in tokens {
            starts.append(Int32(bytes.count))
            bytes.append(contentsOf: token.utf8)
        }
        starts.append(Int32(bytes.count))
        var capacity = 16
        while capacity < tokens.count * 3 { capacity *= 2 }
        let mask = capacity - 1
        var slots = [Slot](repeating: Slot(hash: 0, id: -1, start: 0, count: 0), count: capacity)
        var longestPiece = 0
        let prefix = Array(continuingPrefix.utf8)
        for id in tokens.indices {
            var range = Int(starts[id])..<Int(starts[id + 1])
            var hash = Self.wordSeed
            if !prefix.isEmpty, range.count > prefix.count, bytes[range].starts(with: prefix) {
                range = range.lowerBound + prefix.count..<range.upperBound
                hash = Self.continuingSeed
            }
            for index in range { hash = Self.extend(hash, by: bytes[index]) }
            longestPiece = max(longestPiece, range.count)
            var place = Self.place(hash, mask)
            while slots[place].id >= 0 { place = (place + 1) & mask }
            slots[place] = Slot(
                hash: hash, id: Int32(id), start: Int32(range.lowerBound), count: Int32(range.count))
        }
        self.bytes = bytes
        self.starts = starts
        self.slots = slots
        self.mask = mask
        self.longestPiece = longestPiece
    }

    @inline(__always)
    private static func place(_ hash: UInt32, _ mask: Int) -> Int {
        Int((hash ^ hash >> 15) &* 0x2C1B_3C6D >> 3) & mask
    }

    /// The id of the piece with this hash and these bytes, negative when there is none.
    @inline(__always)
    func id(hash: UInt32, bytes text: UnsafePointer<UInt8>, count: Int) -> Int32 {
        unsafe slots.withUnsafeBufferPointer { slots in
            var place = Self.place(hash, mask)
            while unsafe slots[place].id >= 0 {
                let slot = unsafe slots[place]
                if slot.hash == hash, Int(slot.count) == count, unsafe hasEqualBytes(text, at: Int(slot.start), count) {
                    return slot.id
                }
                place = (place + 1) & mask
            }
            return -1
        }
    }

    @inline(__always)
    private func hasEqualBytes(_ text: UnsafePointer<UInt8>, at start: Int, _ count: Int) -> Bool {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            for index in 0..<count where unsafe bytes[start + index] != text[index] { return false }
            return true
        }
    }
}
