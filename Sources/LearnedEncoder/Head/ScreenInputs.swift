import CApusKernels

/// Quantised inputs of a language head, kept to calibrate a screen with.
struct ScreenInputs: Sendable {
    let depth: Int
    /// `[rows, depth]`.
    private(set) var bytes: [UInt8] = []
    /// The value of one unit, `[rows]`.
    private(set) var scales: [Float] = []
    /// The byte that means 0, `[rows]`.
    private(set) var zeros: [Int32] = []

    var rows: Int { scales.count }

    init(depth: Int) { self.depth = depth }

    /// Appends at most `most` rows of a batch, at even distances.
    mutating func append(_ batch: apus_rows, most: Int) {
        guard let quantised = unsafe batch.quantised else { return }
        let rows = unsafe batch.rows
        let step = max(1, rows / max(1, most))
        for row in stride(from: 0, to: rows, by: step).prefix(most) {
            let start = unsafe (quantised + row * batch.quantised_stride).assumingMemoryBound(to: UInt8.self)
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: depth))
            unsafe scales.append(batch.scales[row])
            unsafe zeros.append(batch.zeros[row])
        }
    }

    /// Calls `body` with some of the rows as the left side of a product.
    func withRows<Result>(_ range: Range<Int>, _ body: (apus_rows) -> Result) -> Result {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe scales.withUnsafeBufferPointer { scales in
                unsafe zeros.withUnsafeBufferPointer { zeros in
                    unsafe body(
                        apus_rows(
                            values: nil, stride: depth,
                            quantised: bytes.baseAddress.map { unsafe $0 + range.lowerBound * depth },
                            quantised_stride: depth, scales: scales.baseAddress.map { unsafe $0 + range.lowerBound },
                            zeros: zeros.baseAddress.map { unsafe $0 + range.lowerBound }, rows: range.count))
                }
            }
        }
    }
}
