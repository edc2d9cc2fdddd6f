import CApusKernels

/// A screen among a model's packed panels, so that the first query has it. For a head named N
///
///     N.screen.rotation, .rotation.bias, .rotation.scales, .rotation.sums     as apus_linear describes
///     N.screen.panels, N.screen.thresholds, N.screen.order                    as apus_screen describes
///     N.screen.units                                                          f32: s, the norms' three, the largest
///     N.screen.scales, N.screen.sums                                          of the head: its panels need not be made
///
/// are U8 tensors of little-endian values.
extension HeadScreen {
    /// What a file holds of it.
    var stored: [(name: String, bytes: AlignedBuffer<UInt8>)] {
        func bytes<T>(_ name: String, _ values: AlignedBuffer<T>) -> (name: String, bytes: AlignedBuffer<UInt8>) {
            (".screen." + name, unsafe AlignedBuffer(Array(values.bytes)))
        }
        return [
            bytes("rotation", rotation.panels), bytes("rotation.bias", rotation.bias),
            bytes("rotation.scales", rotation.scales), bytes("rotation.sums", rotation.sums),
            bytes("panels", panels), bytes("thresholds", thresholds), bytes("order", order),
            bytes("units", AlignedBuffer([units.step, units.norms.0, units.norms.1, units.norms.2, units.most])),
            bytes("scales", decoder.scales), bytes("sums", decoder.sums),
        ]
    }

    /// The screen that a file holds for a decoder of these weights and this level; nil where it holds none.
    /// - Throws: ``EncoderError/shape(path:name:found:expected:)``.
    convenience init?(_ decoder: PackedLinear, _ file: PanelFile) throws(EncoderError) {
        let name = decoder.name + ".screen."
        guard decoder.precision == .int8, decoder.split == nil,
            let panels = try file.values(name + "panels", of: Int8.self)
        else { return nil }
        let (depth, columns) = (decoder.depth, decoder.columns)
        let padded = PackedLinear.columns(depth)
        let rank = panels.count / columns - Int(APUS_SCREEN_NORMS)
        guard rank > 0, rank < depth, rank % 16 == 0, panels.count % columns == 0 else {
            throw file.misshapen(name + "panels", expected: "\(columns) times a rank and \(APUS_SCREEN_NORMS)")
        }
        func values<T: BitwiseCopyable>(_ part: String, _ count: Int) throws(EncoderError) -> AlignedBuffer<T> {
            guard let found = try file.values(name + part, of: T.self), found.count == count else {
                throw file.misshapen(name + part, expected: "\(count) values")
            }
            return found
        }
        let rotation = ScreenRotation(
            depth: depth, panels: try values("rotation", padded * depth), bias: try values("rotation.bias", padded),
            scales: try values("rotation.scales", padded), sums: try values("rotation.sums", padded))
        let units: AlignedBuffer<Float> = try values("units", 5)
        let five = units.copied()
        self.init(
            decoder, rank: rank, rotation: rotation, panels: panels, thresholds: try values("thresholds", columns),
            order: try values("order", columns),
            units: Units(step: five[0], norms: (five[1], five[2], five[3]), most: five[4]))
    }
}
