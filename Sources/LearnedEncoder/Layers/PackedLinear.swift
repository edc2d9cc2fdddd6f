import CApusKernels
import FileStorage
import Foundation
import ParallelWork

/// A linear layer `[outputs, inputs]` packed into panels of 32 outputs for the kernels.
final class PackedLinear: Sendable {
    /// The first weight matrix's name.
    let name: String
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
    let precision: Precision
    let level: KernelLevel
    /// Inputs that are quantised to several bytes; nil for none.
    let split: ChannelSplit?
    /// The one matrix whose bytes the panels hold as they are stored; nil where they were quantised here.
    let stored: StoredMatrix?

    /// Bytes of a quantised row, a multiple of 4; 0 when the kernels multiply the f32 rows.
    var quantisedBytes: Int {
        switch precision {
        case .int8: precision.packedBytes(depth: splitDepth)
        case .bf16 where level == .bf16: (depth + 1) / 2 * 4
        default: 0
        }
    }

    /// Inputs, those with further bytes counted for each.
    private var splitDepth: Int { split?.sources.count ?? depth }

    /// Packs matrices that read the same input, one below the other, each with a bias or none.
    /// - Parameters:
    ///   - copies: Bytes of each input channel in int8; empty for one each.
    ///   - packed: Where the layer may lie packed already; it is then mapped.
    ///   - arena: Where it is packed to with other layers of the model.
    /// - Throws: ``EncoderError/notFinite(path:name:)``.
    init(
        _ parts: [(matrix: StoredMatrix, bias: AlignedBuffer<Float>?)], copies: [UInt8] = [], precision: Precision,
        level: KernelLevel, packed: PanelFile? = nil, in arena: PanelArena? = nil
    ) throws(EncoderError) {
        let width = Int(APUS_PANEL)
        let depth = parts.first?.matrix.columns ?? 0
        name = parts.first?.matrix.name ?? ""
        outputs = parts.reduce(0) { $0 + $1.matrix.rows }
        columns = (outputs + width - 1) / width * width
        // Where products of pairs share 16 bits, the equal weights of a channel's copies would cost their row a bit: vectors come out
        // nearer to those of f32 without (.9995 beside .9992), and with an eighth fewer products.
        let split = precision == .int8 && level.pairLimit == nil ? ChannelSplit(copies: copies) : nil
        let splitDepth = split?.sources.count ?? depth
        let columnBytes = precision.packedBytes(depth: splitDepth)
        self.depth = depth
        self.split = split
        let isStored =
            unsafe parts.count == 1 && precision == .int8 && level.pairLimit == nil && split == nil
            && parts[0].matrix.type == APUS_S8 && parts[0].matrix.scales != nil
        stored = isStored ? parts[0].matrix : nil
        self.precision = precision
        self.level = level
        if let stored = try packed?.layer(name, panelBytes: columns * columnBytes, columns: columns) {
            (panels, bias, scales, sums) = stored
            return
        }
        panels = AlignedBuffer(count: columns * columnBytes, in: arena)
        bias = AlignedBuffer(count: columns)
        scales = AlignedBuffer(count: columns)
        sums = AlignedBuffer(count: columns)
        var origin: [(part: Int, row: Int)] = []
        for (index, part) in parts.enumerated() {
            for row in 0..<part.matrix.rows {
                if let bias = part.bias { unsafe self.bias.pointer[origin.count] = unsafe bias.pointer[row] }
                origin.append((index, row))
            }
        }
        let (sources, matrices) = (origin, parts.map(\.matrix))
        let count = columns / width
        let threads = columns * columnBytes < Self.leastShared ? 1 : ProcessInfo.processInfo.activeProcessorCount
        let chunk = (count + 4 * threads - 1) / (4 * threads)
        let _: [Never] = try ParallelMap.map(count: count, threads: threads, chunk: chunk) {
            range throws(EncoderError) in
            try self.pack(range, matrices, sources)
            return []
        }
    }

    /// Bytes of panels from which on waking other threads pays.
    private static let leastShared = 128 << 10

    /// Packs some of the panels.
    /// - Parameter origin: The matrix and the row of each output.
    /// - Throws: ``EncoderError/notFinite(path:name:)``.
    private func pack(_ range: Range<Int>, _ matrices: [StoredMatrix], _ origin: [(part: Int, row: Int)])
        throws(EncoderError)
    {
        let width = Int(APUS_PANEL)
        let columnBytes = precision.packedBytes(depth: splitDepth)
        let values = AlignedBuffer<Float>(count: width * splitDepth)
        let bytes = AlignedBuffer<Int8>(count: width * splitDepth)
        let rowSums = AlignedBuffer<Int32>(count: width)
        defer { withExtendedLifetime((values, bytes, rowSums)) {} }
        for first in range.map({ $0 * width }) {
            let rows = min(width, outputs - first)
            for r in 0..<rows {
                let (part, row) = origin[first + r]
                let matrix = matrices[part]
                let target = unsafe bytes.pointer + r * splitDepth
                if precision == .int8, matrix.type == APUS_S8, level.pairLimit == nil, let stored = unsafe matrix.scales
                {
                    unsafe UnsafeMutableRawPointer(target).copyMemory(from: matrix.row(row), byteCount: depth)
                    unsafe split?.copyRow(target)
                    unsafe scales.pointer[first + r] = unsafe stored[row]
                    continue
                }
                let weights = unsafe values.pointer + r * splitDepth
                unsafe matrix.copyRow(row, to: weights)
                guard unsafe matrix.type == APUS_S8 || apus_all_finite(weights, depth) != 0 else {
                    throw .notFinite(path: matrix.owner.path, name: matrix.name)
                }
                if precision == .int8 {
                    unsafe split?.copyRow(weights)
                    unsafe scales.pointer[first + r] = unsafe apus_quantise_weights(
                        weights, splitDepth, Int32(level.pairLimit ?? 254), target)
                }
            }
            let panel = unsafe UnsafeMutableRawPointer(panels.pointer) + first * columnBytes
            switch precision {
            case .int8:
                unsafe apus_pack_panel_s8(
                    bytes.pointer, rows, splitDepth, panel.assumingMemoryBound(to: Int8.self), rowSums.pointer)
                for r in 0..<rows {
                    unsafe sums.pointer[first + r] = unsafe scales.pointer[first + r] * Float(rowSums.pointer[r])
                }
            case .bf16:
                unsafe apus_pack_panel_bf16(values.pointer, rows, depth, panel.assumingMemoryBound(to: UInt16.self))
            case .f32, .automatic:
                unsafe apus_pack_panel_f32(values.pointer, rows, depth, panel.assumingMemoryBound(to: Float.self))
            }
        }
    }

    /// Quantises `rows` rows for this layer into the buffers given; nothing is done where the kernels multiply f32 rows.
    func quantise(
        _ x: UnsafePointer<Float>, stride: Int, rows: Int, to q: UnsafeMutablePointer<UInt8>,
        stride quantisedStride: Int,
        scales: UnsafeMutablePointer<Float>, zeros: UnsafeMutablePointer<Int32>
    ) {
        func run(_ split: UnsafePointer<apus_split>?) {
            unsafe apus_quantise_rows(level.rawValue, x, stride, rows, depth, split, q, quantisedStride, scales, zeros)
        }
        guard quantisedBytes > 0 else { return }
        if precision == .bf16 {
            unsafe q.withMemoryRebound(to: UInt16.self, capacity: rows * quantisedStride / 2) {
                unsafe apus_round_rows(level.rawValue, x, stride, rows, depth, $0, quantisedStride)
            }
            return
        }
        if let split { unsafe split.withView { unsafe run($0) } } else { run(nil) }
    }

    /// Calls `body` with the C view.
    func withView<Result>(_ body: (UnsafePointer<apus_linear>) -> Result) -> Result {
        var view = unsafe view
        return withExtendedLifetime(self) { unsafe body(&view) }
    }

    /// The C view; valid while this object lives.
    private var view: apus_linear {
        unsafe apus_linear(
            panels: panels.pointer, bias: bias.pointer, scales: scales.pointer, sums: sums.pointer,
            depth: precision == .int8 ? quantisedBytes : depth, columns: columns, type: Int32(precision.elementType))
    }

    /// `y[rows, columns] = activation(x · w + bias)`.
    func apply(_ x: apus_rows, activation: Int, to y: UnsafeMutablePointer<Float>, stride: Int) {
        var (view, x) = unsafe (view, x)
        unsafe apus_linear_apply(level.rawValue, &view, &x, Int32(activation), y, stride)
    }

    /// `pooled[text, column] = max` over the text's rows, without the bias.
    func applyMax(_ x: apus_rows, texts: UnsafePointer<UInt32>, to pooled: UnsafeMutablePointer<Float>) {
        var (view, x) = unsafe (view, x)
        unsafe apus_linear_max(level.rawValue, &view, &x, texts, pooled, columns)
    }

    /// `pooled[text, column] += ` the activated logits of the text's rows.
    func applySum(
        _ x: apus_rows, texts: UnsafePointer<UInt32>, logarithms: Int, to pooled: UnsafeMutablePointer<Float>
    ) {
        var (view, x) = unsafe (view, x)
        unsafe apus_linear_sum(level.rawValue, &view, &x, texts, pooled, columns, Int32(logarithms))
    }
}
