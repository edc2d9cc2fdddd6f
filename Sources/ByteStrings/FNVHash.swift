/// FNV-1a of 64 bits: a hash of bytes that is the same in every run.
public enum FNVHash {
    /// That of no bytes.
    @inlinable public static var ofNothing: UInt64 { 0xCBF2_9CE4_8422_2325 }

    /// The hash of bytes and another one behind them.
    @inlinable public static func adding(_ byte: UInt8, to hash: UInt64) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    /// The hash of bytes.
    @inlinable public static func of(_ bytes: [UInt8]) -> UInt64 { bytes.reduce(ofNothing) { adding($1, to: $0) } }
}
