import CApusKernels
import FileStorage
import Foundation
import ParallelWork
import Synchronization

/// A linear layer `[outputs, inputs]` packed into panels of 32 outputs for the kernels.
final class PackedLinear: Sendable {
    /// The first weight matrix's name.
    let name: String
    /// The panels; nil where packing them was put off.
    private let packed: AlignedBuffer<UInt8>?
    /// Those that were packed later.
    private let packedLater = Mutex<AlignedBuffer<UInt8>?>(nil)
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
    /// The one matrix of bytes that the panels hold, as they are stored or quantised again for pairs; nil for all others.
    let source: StoredMatrix?
    /// The same where the bytes are those that are stored.
    var stored: StoredMatrix? { level.pairLimit == nil ? source : nil }

    /// Whether the panels are there.
    var isPacked: Bool { packed != nil || packedLater.withLock { $0 != nil } }

    /// The weights as the kernels read them; packed now where that was put off.
    var panels: AlignedBuffer<UInt8> {
        if let packed { return packed }
        return packedLater.withLock { later in
            if let later { return later }
            let panels = AlignedBuffer<UInt8>(count: columns * precision.packedBytes(depth: depth))
            // Rows of bytes hold nothing that could not be packed.
            if let source { try? pack([source], (0..<outputs).map { (0, $0) }, to: panels) }
            later = panels
            return panels
        }
    }

    /// The columns of so many outputs, whole panels.
    static func columns(_ outputs: Int) -> Int {
        let width = Int(APUS_PANEL)
        return (outputs + width - 1) / width * width
    }

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
    ///   - known: Scales and sums of one matrix of bytes, whose panels are then made when they are first asked for.
    /// - Throws: ``EncoderError/notFinite(path:name:)``.
    init(
        _ parts: [(matrix: StoredMatrix, bias: AlignedBuffer<Float>?)], copies: [UInt8] = [], precision: Precision,
        level: KernelLevel, packed: PanelFile? = nil, in arena: PanelArena? = nil,
        known: (scales: AlignedBuffer<Float>, sums: AlignedBuffer<Float>)? = nil
    ) throws(EncoderError) {
        let depth = parts.first?.matrix.columns ?? 0
        name = parts.first?.matrix.name ?? ""
        outputs = parts.reduce(0) { $0 + $1.matrix.rows }
        columns = Self.columns(outputs)
        // Where products of pairs share 16 bits, the equal weights of a channel's copies would cost their row a bit: vectors come out
        // nearer to those of f32 without (.9995 beside .9992), and with an eighth fewer products.
        let split = precision == .int8 && level.pairLimit == nil ? ChannelSplit(copies: copies) : nil
        let splitDepth = split?.sources.count ?? depth
        let columnBytes = precision.packedBytes(depth: splitDepth)
        self.depth = depth
        self.split = split
        let isStored =
            unsafe parts.count == 1 && precision == .int8 && split == nil
            && parts[0].matrix.type == APUS_S8 && parts[0].matrix.scales != nil
        source = isStored ? parts[0].matrix : nil
        self.precision = precision
        self.level = level
        if let stored = try packed?.layer(name, panelBytes: columns * columnBytes, columns: columns) {
            (self.packed, bias, scales, sums) = stored
            return
        }
        bias = AlignedBuffer(count: columns)
        var origin: [(part: Int, row: Int)] = []
        for (index, part) in parts.enumerated() {
            for row in 0..<part.matrix.rows {
                if let bias = part.bias { unsafe self.bias.pointer[origin.count] = unsafe bias.pointer[row] }
                origin.append((index, row))
            }
        }
        if let known, source != nil {
            (scales, sums) = known
            self.packed = nil
            return
        }
        scales = AlignedBuffer(count: columns)
        sums = AlignedBuffer(count: columns)
        let panels = AlignedBuffer<UInt8>(count: columns * columnBytes, in: arena)
        self.packed = panels
        try pack(parts.map(\.matrix), origin, to: panels, (scales, sums))
    }

    /// Packs all panels.
    /// - Parameters:
    ///   - origin: The matrix and the row of each output.
    ///   - measures: Where scales and sums of the outputs go; nil where they are known.
    /// - Throws: ``EncoderError/notFinite(path:name:)``.
    private func pack(
        _ matrices: [StoredMatrix], _ origin: [(part: Int, row: Int)], to panels: AlignedBuffer<UInt8>,
        _ measures: (scales: AlignedBuffer<Float>, sums: AlignedBuffer<Float>)? = nil
    ) throws(EncoderError) {
        let count = columns / Int(APUS_PANEL)
        let threads = panels.count < Self.leastShared ? 1 : ProcessInfo.processInfo.activeProcessorCount
        let chunk = (count + 4 * threads - 1) / (4 * threads)
        let _: [Never] = try ParallelMap.map(count: count, threads: threads, chunk: chunk) {
            range throws(EncoderError) in
            try self.pack(range, matrices, origin, to: panels, measures)
            return []
        }
    }

    /// Bytes of panels from which on waking other threads pays.
    private static let leastShared = 128 << 10

    private func pack(
        _ range: Range<Int>, _ matrices: [StoredMatrix], _ origin: [(part: Int, row: Int)],
        to panels: AlignedBuffer<UInt8>, _ measures: (scales: AlignedBuffer<Float>, sums: AlignedBuffer<Float>)?
    ) throws(EncoderError) {
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
                    unsafe measures?.scales.pointer[first + r] = unsafe stored[row]
                    continue
                }
                let weights = unsafe values.pointer + r * splitDepth
                unsafe matrix.copyRow(row, to: weights)
                guard unsafe matrix.type == APUS_S8 || apus_all_finite(weights, depth) != 0 else {
                    throw .notFinite(path: matrix.owner.path, name: matrix.name)
                }
                if precision == .int8 {
                    unsafe split?.copyRow(weights)
                    let scale = unsafe apus_quantise_weights(
                        weights, splitDepth, Int32(level.pairLimit ?? 254), target)
                    unsafe measures?.scales.pointer[first + r] = scale
                }
            }
            let panel = unsafe UnsafeMutableRawPointer(panels.pointer) + first * columnBytes
            switch precision {
            case .int8:
                unsafe apus_pack_panel_s8(
                    bytes.pointer, rows, splitDepth, panel.assumingMemoryBound(to: Int8.self), rowSums.pointer)
                guard let (scales, sums) = measures else { continue }
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
    /// - Parameter needsPanels: Whether the panels are looked at.
    func withView<Result>(needsPanels: Bool = true, _ body: (UnsafePointer<apus_linear>) -> Result) -> Result {
        var view = unsafe view(needsPanels ? panels : nil)
        return withExtendedLifetime(self) { unsafe body(&view) }
    }

    /// The C view; valid while this object lives.
    private func view(_ panels: AlignedBuffer<UInt8>?) -> apus_linear {
        unsafe apus_linear(
            panels: panels?.pointer, bias: bias.pointer, scales: scales.pointer, sums: sums.pointer,
            depth: precision == .int8 ? quantisedBytes : depth, columns: columns, type: Int32(precision.elementType))
    }

    /// `y[rows, columns] = activation(x · w + bias)`.
    func apply(_ x: apus_rows, activation: Int, to y: UnsafeMutablePointer<Float>, stride: Int) {
        var (view, x) = unsafe (view(panels), x)
        unsafe apus_linear_apply(level.rawValue, &view, &x, Int32(activation), y, stride)
    }

    /// `pooled[text, column] = max` over the text's rows, without the bias.
    func applyMax(_ x: apus_rows, texts: UnsafePointer<UInt32>, to pooled: UnsafeMutablePointer<Float>) {
        var (view, x) = unsafe (view(panels), x)
        unsafe apus_linear_max(level.rawValue, &view, &x, texts, pooled, columns)
    }

    /// `pooled[text, column] += ` the activated logits of the text's rows.
    func applySum(
        _ x: apus_rows, texts: UnsafePointer<UInt32>, logarithms: Int, to pooled: UnsafeMutablePointer<Float>
    ) {
        var (view, x) = unsafe (view(panels), x)
        unsafe apus_linear_sum(level.rawValue, &view, &x, texts, pooled, columns, Int32(logarithms))
    }
}
