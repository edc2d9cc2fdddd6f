import ByteStrings

/// 64 bits that stand for a text, the same in every run.
///
/// Two texts of ten million have one hash with a chance of 3 in a million; tables of hashes take the place of tables of texts, so
/// that memory does not grow with the length of ids and texts.
struct TextHash: Hashable, Sendable {
    private(set) var value = FNVHash.ofNothing

    /// The hash of the bytes of a text.
    init(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            for index in bytes.indices { unsafe add(bytes[index]) }
        }
        finish()
    }

    /// Nothing yet, to add to.
    init() {}

    /// Appends a byte.
    mutating func add(_ byte: UInt8) { value = FNVHash.adding(byte, to: value) }

    /// Appends another hash.
    mutating func add(_ other: UInt64) { value = (value.rotated(by: 23) ^ other) &* 0x9E37_79B9_7F4A_7C15 }

    /// Mixes all bits into all others (the finaliser of SplitMix64).
    mutating func finish() { value = value.mixed }
}

extension UInt64 {
    /// A bijection whose every output bit hangs on every input bit (the finaliser of SplitMix64).
    var mixed: UInt64 {
        var z = self
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    fileprivate func rotated(by bits: UInt64) -> UInt64 { self << bits | self >> (64 - bits) }
}
