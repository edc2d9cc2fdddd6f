/// How vectors lie in a segment's file: each term in order as the number of terms left out before it, in groups of seven bits, low ones
/// first, the eighth set where another group follows; then the impact, one byte.
enum VectorCoding {
    /// Appends a term and its impact.
    /// - Parameter expected: The term behind the one before; 0 at the beginning. It becomes the one behind this.
    @inline(__always)
    static func append(_ term: Int, _ impact: UInt8, after expected: inout Int, to bytes: inout [UInt8]) {
        var gap = term - expected
        while gap >= 0x80 {
            bytes.append(UInt8(gap & 0x7F) | 0x80)
            gap >>= 7
        }
        bytes.append(UInt8(gap))
        bytes.append(impact)
        expected = term + 1
    }

    /// Reads how many terms are left out; the impact is the byte at `place` then.
    /// - Returns: nil where the bytes are no vector.
    @inline(__always)
    static func gap(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int, _ end: Int) -> Int? {
        var (gap, shift) = (0, 0)
        while place < end, unsafe bytes[place] & 0x80 != 0, shift < 28 {
            gap |= unsafe Int(bytes[place] & 0x7F) << shift
            shift += 7
            place += 1
        }
        guard place + 1 < end, unsafe bytes[place] & 0x80 == 0 else { return nil }
        gap |= unsafe Int(bytes[place]) << shift
        place += 1
        return gap
    }
}
