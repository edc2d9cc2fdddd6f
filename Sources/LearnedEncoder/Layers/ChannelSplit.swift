import CApusKernels

/// Input channels of an int8 layer that are spread over several bytes; see `apus_split`.
///
/// Packed checkpoints store the copies of each channel as `<layer>.copies` U8 [inputs]; Scripts/train/calibrate chooses them.
final class ChannelSplit: Sendable {
    /// The channel that each byte of a quantised row belongs to, `[inputs + further copies]`.
    let sources: [Int]
    private let shares: AlignedBuffer<Float>
    private let channels: AlignedBuffer<UInt32>
    private let copies: AlignedBuffer<Float>
    private let places: AlignedBuffer<Float>
    private let count: Int

    /// Nil when no channel has more than one copy.
    init?(copies: [UInt8]) {
        let split = copies.indices.filter { copies[$0] > 1 }
        guard !split.isEmpty else { return nil }
        let further = split.flatMap { channel in (1..<Int(copies[channel])).map { (channel, $0) } }
        let bytes = split.map { ($0, 0) } + further
        sources = Array(copies.indices) + further.map { $0.0 }
        count = split.count
        shares = AlignedBuffer(copies.map { 1 / Float(max(1, $0)) })
        channels = AlignedBuffer(bytes.map { UInt32($0.0) })
        self.copies = AlignedBuffer(bytes.map { Float(copies[$0.0]) })
        places = AlignedBuffer(bytes.map { Float(Int(copies[$0.0]) - 1 - $0.1) })
    }

    /// Fills in the weights of the further copies behind a row of weights.
    func copyRow<Weight>(_ row: UnsafeMutablePointer<Weight>) {
        for place in shares.count..<sources.count { unsafe row[place] = unsafe row[sources[place]] }
    }

    /// Calls `body` with the C view.
    func withView<Result>(_ body: (UnsafePointer<apus_split>) -> Result) -> Result {
        var view = unsafe apus_split(
            shares: shares.pointer, channels: channels.pointer, copies: copies.pointer, places: places.pointer,
            count: count,
            further: channels.count - count)
        return withExtendedLifetime(self) { unsafe body(&view) }
    }
}
