import ApusTestSupport
import CApusKernels
import FileStorage
import Glibc
import Testing

@testable import LearnedEncoder

/// Each instruction set that this CPU has gives the answer of a plain double-precision loop.
@Suite struct KernelTests {
    static let levels = KernelLevel.available
    static let precisions: [Precision] = [.f32, .bf16, .int8]
    static let rowCounts = [1, 2, 5, 6, 7, 11, 12, 13, 25]

    /// A random problem `x[rows, depth] · w[outputs, depth] + bias`.
    struct Problem {
        let rows: Int, depth: Int, outputs: Int
        var x: [Float], w: [Float], bias: [Float]

        init(rows: Int, depth: Int, outputs: Int, seed: UInt64) {
            var random = SplitMix64(seed: seed)
            (self.rows, self.depth, self.outputs) = (rows, depth, outputs)
            x = (0..<rows * depth).map { _ in Float.random(in: -2...3, using: &random) }
            w = (0..<outputs * depth).map { _ in Float.random(in: -1...1, using: &random) }
            bias = (0..<outputs).map { _ in Float.random(in: -1...1, using: &random) }
        }

        func expected(_ row: Int, _ output: Int) -> Double {
            (0..<depth).reduce(Double(bias[output])) {
                $0 + Double(x[row * depth + $1]) * Double(w[output * depth + $1])
            }
        }

        func linear(precision: Precision, level: KernelLevel) throws -> PackedLinear {
            let stored = AlignedBuffer(w)
            return try withExtendedLifetime(stored) {
                try PackedLinear(
                    [(matrix(stored, level: level), AlignedBuffer(bias))], precision: precision, level: level)
            }
        }

        func matrix(_ stored: AlignedBuffer<Float>, level: KernelLevel) -> StoredMatrix {
            unsafe StoredMatrix(
                name: "w", owner: .init(unsafeStatic: .init(start: nil, count: 0), name: "memory"),
                base: UnsafeRawPointer(stored.pointer), type: Int32(APUS_F32), elementSize: 4, scales: nil,
                rows: outputs, columns: depth, level: level)
        }

        /// Calls `body` with the left-hand side, quantised as `linear` wants it.
        func withRows<Result>(for linear: PackedLinear, _ body: (apus_rows) -> Result) -> Result {
            let stride = linear.quantisedBytes
            let values = AlignedBuffer(x)
            let bytes = AlignedBuffer<UInt8>(count: rows * stride)
            let (scales, zeros) = (AlignedBuffer<Float>(count: rows), AlignedBuffer<Int32>(count: rows))
            unsafe linear.quantise(
                values.pointer, stride: depth, rows: rows, to: bytes.pointer, stride: stride, scales: scales.pointer,
                zeros: zeros.pointer)
            return withExtendedLifetime((values, bytes, scales, zeros)) {
                unsafe body(
                    apus_rows(
                        values: values.pointer, stride: depth, quantised: bytes.pointer, quantised_stride: stride,
                        scales: scales.pointer, zeros: zeros.pointer, rows: rows))
            }
        }
    }

    @Test(arguments: levels, precisions)
    func linearLayersEqualThePlainSum(level: KernelLevel, precision: Precision) throws {
        for rows in Self.rowCounts {
            for (depth, outputs) in [(1, 1), (3, 31), (4, 32), (17, 33), (64, 70)] {
                let problem = Problem(rows: rows, depth: depth, outputs: outputs, seed: UInt64(rows * depth))
                let linear = try problem.linear(precision: precision, level: level)
                let y = AlignedBuffer<Float>(count: rows * linear.columns)
                unsafe problem.withRows(for: linear) {
                    unsafe linear.apply(
                        $0, activation: Int(APUS_ACTIVATION_NONE), to: y.pointer, stride: linear.columns)
                }
                // An int8 product is off by at most half a unit of each factor at each step; a bf16 has 8 bits of mantissa: each factor is off by at most 2^-9 of itself.
                let perStep: Double =
                    switch precision {
                    case .int8: 5 / 255.0 / 2 * 1 + 1 / 127.0 / 2 * 3
                    case .bf16: 2 * 3 / 512.0
                    default: 1e-5
                    }
                let tolerance = Double(depth) * perStep
                let worst = (0..<rows).flatMap { r in
                    (0..<outputs).map {
                        unsafe abs(Double(y.pointer[r * linear.columns + $0]) - problem.expected(r, $0))
                    }
                }.max()
                #expect((worst ?? 1) <= tolerance, "\(rows) rows, \(depth) × \(outputs)")
            }
        }
    }

    @Test(arguments: levels)
    func int8SumsAreExactAtTheEndsOfTheRange(level: KernelLevel) throws {
        // Bytes 0 and 255 against ±127: an instruction that saturates pairs would show.
        for rows in [1, 4, 12] {
            var problem = Problem(rows: rows, depth: 64, outputs: 32, seed: 5)
            problem.x = problem.x.indices.map { $0 % 7 == 0 ? 0 : 255 }
            problem.w = problem.w.indices.map { $0 / 64 % 3 == 0 ? -127 : 127 }
            problem.bias = problem.bias.map { _ in 0 }
            let linear = try problem.linear(precision: .int8, level: level)
            let y = AlignedBuffer<Float>(count: rows * linear.columns)
            unsafe problem.withRows(for: linear) {
                unsafe linear.apply($0, activation: Int(APUS_ACTIVATION_NONE), to: y.pointer, stride: linear.columns)
            }
            for r in 0..<rows {
                for c in 0..<32 { unsafe #expect(Double(y.pointer[r * 32 + c]) == problem.expected(r, c)) }
            }
        }
    }

    @Test(arguments: levels, precisions)
    func maximumPoolingKeepsTheLargestLogitOfEachText(level: KernelLevel, precision: Precision) throws {
        for rows in Self.rowCounts {
            let problem = Problem(rows: rows, depth: 24, outputs: 45, seed: UInt64(rows))
            let linear = try problem.linear(precision: precision, level: level)
            let texts = (0..<rows).map { UInt32($0 / 5) }
            let y = AlignedBuffer<Float>(count: rows * linear.columns)
            let pooled = AlignedBuffer([Float](repeating: -.infinity, count: rows * linear.columns))
            unsafe problem.withRows(for: linear) {
                unsafe linear.apply($0, activation: Int(APUS_ACTIVATION_NONE), to: y.pointer, stride: linear.columns)
                unsafe linear.applyMax($0, texts: texts, to: pooled.pointer)
            }
            for c in 0..<45 {
                for text in 0...(rows - 1) / 5 {
                    let members = (0..<rows).filter { $0 / 5 == text }
                    let largest = members.map { unsafe y.pointer[$0 * linear.columns + c] }.max() ?? 0
                    unsafe #expect(abs(pooled.pointer[text * linear.columns + c] + problem.bias[c] - largest) < 1e-5)
                }
            }
        }
    }

    @Test(arguments: levels, [1, 2])
    func sumPoolingAddsActivatedLogits(level: KernelLevel, logarithms: Int) throws {
        let problem = Problem(rows: 13, depth: 24, outputs: 45, seed: 3)
        let linear = try problem.linear(precision: .f32, level: level)
        let texts = (0..<13).map { UInt32($0 / 5) }
        let pooled = AlignedBuffer<Float>(count: 3 * linear.columns)
        unsafe problem.withRows(for: linear) {
            unsafe linear.applySum($0, texts: texts, logarithms: logarithms, to: pooled.pointer)
        }
        for c in 0..<45 {
            var sums = [Double](repeating: 0, count: 3)
            for r in 0..<13 {
                var z = max(0, problem.expected(r, c))
                for _ in 0..<logarithms { z = log1p(z) }
                sums[r / 5] += z
            }
            for text in 0..<3 {
                unsafe #expect(abs(Double(pooled.pointer[text * linear.columns + c]) - sums[text]) < 1e-4)
            }
        }
    }

    @Test(arguments: levels)
    func activationsEqualTheirFormulas(level: KernelLevel) throws {
        var problem = Problem(rows: 1, depth: 1, outputs: 401, seed: 1)
        problem.x = [1]
        problem.w = (0...400).map { Float($0 - 200) / 20 }
        problem.bias = problem.bias.map { _ in 0 }
        let linear = try problem.linear(precision: .f32, level: level)
        let formulas: [(Int, (Double) -> Double)] = [
            (Int(APUS_ACTIVATION_GELU), { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }),
            (
                Int(APUS_ACTIVATION_GELU_TANH),
                { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
            ),
            (Int(APUS_ACTIVATION_RELU), { max(0, $0) }),
        ]
        for (activation, formula) in formulas {
            let y = AlignedBuffer<Float>(count: linear.columns)
            unsafe problem.withRows(for: linear) {
                unsafe linear.apply($0, activation: activation, to: y.pointer, stride: linear.columns)
            }
            let worst = problem.w.indices.map { unsafe abs(Double(y.pointer[$0]) - formula(Double(problem.w[$0]))) }
                .max()
            #expect((worst ?? 1) < 2e-6, "activation \(activation)")
        }
    }

    /// Numbers that are bf16 already, so that rounding changes the weights alone: by 2⁻⁹ of themselves, with values up to 2.
    @Test(arguments: levels, [false, true])
    func attentionEqualsSoftmaxOfProducts(level: KernelLevel, rounded: Bool) {
        let most = rounded && level == .bf16 ? 2.0 / 512 : 1e-5
        for tokens in [1, 2, 11, 12, 13, 31, 32, 33, 65] {
            for (heads, size) in [(1, 8), (3, 16), (2, 32), (2, 40)] {
                let width = heads * size
                var random = SplitMix64(seed: UInt64(tokens * width))
                let qkv = AlignedBuffer(
                    (0..<tokens * 3 * width).map { _ in Float(Int.random(in: -128...128, using: &random)) / 64 })
                let context = AlignedBuffer<Float>(count: tokens * width)
                let scratch = AlignedBuffer<Float>(count: apus_attention_scratch(tokens, size))
                unsafe apus_attention(
                    level.rawValue, rounded ? 1 : 0, qkv.pointer, 3 * width, tokens, heads, size, context.pointer,
                    width,
                    scratch.pointer)
                withExtendedLifetime(scratch) {}
                func value(_ token: Int, _ part: Int, _ head: Int, _ d: Int) -> Double {
                    unsafe Double(qkv.pointer[token * 3 * width + part * width + head * size + d])
                }
                var worst = 0.0
                for head in 0..<heads {
                    for query in Set([0, tokens / 2, tokens - 1]) {
                        let scores = (0..<tokens).map { key in
                            exp(
                                (0..<size).reduce(0) { $0 + value(query, 0, head, $1) * value(key, 1, head, $1) }
                                    / Double(size).squareRoot())
                        }
                        let sum = scores.reduce(0, +)
                        for d in 0..<size {
                            let expected = (0..<tokens).reduce(0) { $0 + scores[$1] * value($1, 2, head, d) } / sum
                            worst = unsafe max(
                                worst, abs(expected - Double(context.pointer[query * width + head * size + d])))
                        }
                    }
                }
                #expect(worst < most, "\(tokens) tokens, \(heads) heads of \(size)")
            }
        }
    }

    @Test(arguments: levels)
    func layerNormHasTheGivenMeanAndScale(level: KernelLevel) {
        for width in [1, 2, 15, 16, 17, 33, 100] {
            var random = SplitMix64(seed: UInt64(width))
            let values = (0..<width).map { _ in Float.random(in: -3...5, using: &random) }
            let residual = (0..<width).map { _ in Float.random(in: -3...5, using: &random) }
            let gamma = (0..<width).map { _ in Float.random(in: 0.5...2, using: &random) }
            let beta = (0..<width).map { _ in Float.random(in: -1...1, using: &random) }
            let y = AlignedBuffer(values)
            unsafe apus_layer_norm(level.rawValue, y.pointer, residual, width, 1, width, gamma, beta, 1e-5, y.pointer)
            let sum = zip(values, residual).map { Double($0) + Double($1) }
            let mean = sum.reduce(0, +) / Double(width)
            let variance = sum.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
            for k in 0..<width {
                let expected = (sum[k] - mean) / (variance + 1e-5).squareRoot() * Double(gamma[k]) + Double(beta[k])
                unsafe #expect(abs(expected - Double(y.pointer[k])) < 2e-5, "width \(width)")
            }
        }
    }

    @Test(arguments: levels)
    func quantisedRowsAreWithinHalfAUnit(level: KernelLevel) {
        for (low, high) in [(Float(-1), Float(1)), (0, 5), (-3, 0), (-0.17, 9), (0, 0), (2, 3), (-4, -3)] {
            for depth in [1, 4, 15, 17, 64] {
                var random = SplitMix64(seed: UInt64(depth))
                let problem = (0..<depth).map { _ in low == high ? low : Float.random(in: low...high, using: &random) }
                let bytes = AlignedBuffer<UInt8>(count: 64)
                var (scale, zero): (Float, Int32) = (0, 0)
                unsafe apus_quantise_rows(
                    level.rawValue, problem, depth, 1, depth, nil, bytes.pointer, 64, &scale, &zero)
                for k in 0..<depth {
                    let back = unsafe scale * Float(Int32(bytes.pointer[k]) - zero)
                    // The zero point is rounded too, so the ends of the range may be off by one unit.
                    #expect(abs(back - problem[k]) <= 1.01 * scale, "\(low)…\(high), depth \(depth)")
                }
            }
        }
    }

    /// The bytes of a split channel add up to the channel's integer, and an outlier no longer widens the others' steps.
    @Test(arguments: levels)
    func splitChannelsAddUp(level: KernelLevel) throws {
        var random = SplitMix64(seed: 8)
        for (depth, outputs) in [(5, 3), (33, 40), (64, 32)] {
            var problem = Problem(rows: 14, depth: depth, outputs: outputs, seed: UInt64(depth))
            var copies = [UInt8](repeating: 1, count: depth)
            for (channel, count) in [(1, 8), (3, 3), (depth - 1, 2)] {
                copies[channel] = UInt8(count)
                for row in 0..<problem.rows {
                    problem.x[row * depth + channel] =
                        Float(count) * (row == 0 ? 3 : Float.random(in: -2...3, using: &random))
                }
            }
            let stored = AlignedBuffer(problem.w)
            defer { withExtendedLifetime(stored) {} }
            let linear = try PackedLinear(
                [(problem.matrix(stored, level: level), AlignedBuffer(problem.bias))], copies: copies, precision: .int8,
                level: level)
            guard level.pairLimit == nil else {
                #expect(linear.split == nil)
                continue
            }
            let stride = linear.quantisedBytes
            #expect(stride == (depth + 10 + 3) / 4 * 4)
            let bytes = AlignedBuffer<UInt8>(count: problem.rows * stride)
            let (scales, zeros) = (AlignedBuffer<Float>(count: problem.rows), AlignedBuffer<Int32>(count: problem.rows))
            unsafe linear.quantise(
                problem.x, stride: depth, rows: problem.rows, to: bytes.pointer, stride: stride,
                scales: scales.pointer, zeros: zeros.pointer)
            let y = AlignedBuffer<Float>(count: problem.rows * linear.columns)
            let rows = unsafe apus_rows(
                values: nil, stride: 0, quantised: bytes.pointer, quantised_stride: stride, scales: scales.pointer,
                zeros: zeros.pointer, rows: problem.rows)
            unsafe linear.apply(rows, activation: Int(APUS_ACTIVATION_NONE), to: y.pointer, stride: linear.columns)
            withExtendedLifetime((bytes, scales, zeros)) {}
            let sources = try #require(linear.split).sources
            for row in 0..<problem.rows {
                // The range is that of one share, −2…3, although channel 1 reaches 24.
                unsafe #expect(scales.pointer[row] <= 5.001 / 255)
                var sums = [Int32](repeating: 0, count: depth)
                for (place, channel) in sources.enumerated() {
                    unsafe sums[channel] += Int32(bytes.pointer[row * stride + place]) - zeros.pointer[row]
                }
                for channel in 0..<depth {
                    let back = unsafe scales.pointer[row] * Float(sums[channel])
                    // At the ends of the range a channel of c copies may be clipped by c/2 steps of the zero point.
                    let steps = 1.01 * max(1, Float(copies[channel]) / 2)
                    #expect(abs(back - problem.x[row * depth + channel]) <= steps * scales.pointer[row])
                }
                for output in 0..<outputs {
                    let step = unsafe Double(scales.pointer[row])
                    let size = (0..<depth).reduce(0.0) { $0 + abs(Double(problem.x[row * depth + $1])) }
                    let tolerance = Double(depth + 10) * step + size / 254
                    let difference =
                        unsafe Double(y.pointer[row * linear.columns + output]) - problem.expected(row, output)
                    #expect(abs(difference) <= tolerance)
                }
            }
        }
    }

    @Test(arguments: levels)
    func storedTypesConvertExactly(level: KernelLevel) {
        let halves = (0..<70).map { Float16($0 - 35) / 8 }
        var out = [Float](repeating: 0, count: 70)
        unsafe apus_convert(level.rawValue, Int32(APUS_F16), halves, 70, 1, &out)
        #expect(out == halves.map(Float.init))
        let bfloats = (0..<70).map { UInt16(truncatingIfNeeded: (Float($0 - 35) / 8).bitPattern >> 16) }
        unsafe apus_convert(level.rawValue, Int32(APUS_BF16), bfloats, 70, 1, &out)
        #expect(out == bfloats.map { Float(bitPattern: UInt32($0) << 16) })
        let bytes = (0..<70).map { Int8($0 - 35) }
        unsafe apus_convert(level.rawValue, Int32(APUS_S8), bytes, 70, 0.5, &out)
        #expect(out == bytes.map { Float($0) / 2 })
    }
}
