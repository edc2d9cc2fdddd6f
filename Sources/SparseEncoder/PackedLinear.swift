import CApusKernels

/// A linear layer `[outputs, inputs]` packed into panels of 32 outputs for the kernels.
final class PackedLinear: Sendable {
    let panels: AlignedBuffer<UInt8>
    let bias: AlignedBuffer<Float>
    let scales: AlignedBuffer<Float>
    let sums: AlignedBuffer<Float>
    /// Inputs.
    let depth: Int
    /// Outputs, before padding.
    let outputs: Int
    /// Outputs, padded to whole panels.
    let columns: Int
    let isInt8: Bool
    let level: KernelLevel
    /// Inputs that are quantised to several bytes; nil for none.
    let split: ChannelSplit?

    /// Bytes of a quantised row, a multiple of 4.
    var quantisedDepth: Int { ((split?.sources.count ?? depth) + 3) / 4 * 4 }

    /// Packs matrices that read the same input, one below the other, each with a bias or none.
    /// - Parameter copies: Bytes of each input channel in int8; empty for one each.
    /// - Throws: ``EncoderError/notFinite(path:name:)``.
    init(
        _ parts: [(matrix: StoredMatrix, bias: AlignedBuffer<Float>?)], copies: [UInt8] = [], isInt8: Bool,
        level: KernelLevel
    ) throws(EncoderError) {
        let width = Int(APUS_PANEL)
        let depth = parts.first?.matrix.columns ?? 0
        outputs = parts.reduce(0) { $0 + $1.matrix.rows }
        columns = (outputs + width - 1) / width * width
        let split = isInt8 ? ChannelSplit(copies: copies) : nil
        let splitDepth = split?.sources.count ?? depth
        let paddedDepth = isInt8 ? (splitDepth + 3) / 4 * 4 : depth
        self.depth = depth
        self.split = split
        self.isInt8 = isInt8
        self.level = level
        panels = AlignedBuffer(count: columns * paddedDepth * (isInt8 ? 1 : 4))
        bias = AlignedBuffer(count: columns)
        scales = AlignedBuffer(count: columns)
        sums = AlignedBuffer(count: columns)
        var origin: [(part: Int, row: Int)] = []
        for (index, part) in parts.enumerated() {
            for row in 0..<part.matrix.rows {
                if let bias = part.bias { self.bias.pointer[origin.count] = bias.pointer[row] }
                origin.append((index, row))
            }
        }
        let values = AlignedBuffer<Float>(count: width * depth)
        let bytes = AlignedBuffer<Int8>(count: width * splitDepth)
        let rowSums = AlignedBuffer<Int32>(count: width)
        defer { withExtendedLifetime((values, bytes, rowSums)) {} }
        for first in stride(from: 0, to: outputs, by: width) {
            let rows = min(width, outputs - first)
            for r in 0..<rows {
                let (part, row) = origin[first + r]
                let matrix = parts[part].matrix
                if isInt8, matrix.type == APUS_S8, let stored = matrix.scales {
                    let target = bytes.pointer + r * splitDepth
                    UnsafeMutableRawPointer(target).copyMemory(from: matrix.row(row), byteCount: depth)
                    split?.copyRow(target)
                    scales.pointer[first + r] = stored[row]
                    continue
                }
                matrix.copyRow(row, to: values.pointer + r * depth)
                guard apus_all_finite(values.pointer + r * depth, depth) != 0 else {
                    throw .notFinite(path: matrix.owner.path, name: matrix.name)
                }
                if isInt8 {
                    scales.pointer[first + r] = apus_quantise_weights(
                        values.pointer + r * depth, depth, bytes.pointer + r * splitDepth)
                    split?.copyRow(bytes.pointer + r * splitDepth)
                }
            }
            let panel = UnsafeMutableRawPointer(panels.pointer) + first * paddedDepth * (isInt8 ? 1 : 4)
            if isInt8 {
                apus_pack_panel_s8(
                    bytes.pointer, rows, splitDepth, panel.assumingMemoryBound(to: Int8.self), rowSums.pointer)
                for r in 0..<rows {
                    sums.pointer[first + r] = scales.pointer[first + r] * Float(rowSums.pointer[r])
                }
            } else {
                apus_pack_panel_f32(values.pointer, rows, depth, panel.assumingMemoryBound(to: Float.self))
            }
        }
    }

    /// Quantises `rows` rows for this layer into the buffers given; nothing is done for f32.
    func quantise(
        _ x: UnsafePointer<Float>, stride: Int, rows: Int, to q: UnsafeMutablePointer<UInt8>,
        stride quantisedStride: Int,
        scales: UnsafeMutablePointer<Float>, zeros: UnsafeMutablePointer<Int32>
    ) {
        func run(_ split: UnsafePointer<apus_split>?) {
            apus_quantise_rows(level.rawValue, x, stride, rows, depth, split, q, quantisedStride, scales, zeros)
        }
        guard isInt8 else { return }
        if let split { split.withView { run($0) } } else { run(nil) }
    }

    /// The C view; valid while this object lives.
    private var view: apus_linear {
        apus_linear(
            panels: panels.pointer, bias: bias.pointer, scales: scales.pointer, sums: sums.pointer,
            depth: isInt8 ? quantisedDepth : depth, columns: columns, is_s8: isInt8 ? 1 : 0)
    }

    /// `y[rows, columns] = activation(x · w + bias)`.
    func apply(_ x: apus_rows, activation: Int, to y: UnsafeMutablePointer<Float>, stride: Int) {
        var (view, x) = (view, x)
        apus_linear_apply(level.rawValue, &view, &x, Int32(activation), y, stride)
    }

    /// `pooled[text, column] = max` over the text's rows, without the bias.
    func applyMax(_ x: apus_rows, texts: UnsafePointer<UInt32>, to pooled: UnsafeMutablePointer<Float>) {
        var (view, x) = (view, x)
        apus_linear_max(level.rawValue, &view, &x, texts, pooled, columns)
    }

    /// `pooled[text, column] += ` the activated logits of the text's rows.
    func applySum(
        _ x: apus_rows, texts: UnsafePointer<UInt32>, logarithms: Int, to pooled: UnsafeMutablePointer<Float>
    ) {
        var (view, x) = (view, x)
        apus_linear_sum(level.rawValue, &view, &x, texts, pooled, columns, Int32(logarithms))
    }
}
