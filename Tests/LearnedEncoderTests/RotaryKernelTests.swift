import ApusTestSupport
import CApusKernels
import Glibc
import Testing

@testable import LearnedEncoder

/// Each instruction set that this CPU has gives the answer of a plain double-precision loop.
@Suite struct RotaryKernelTests {
    static let levels = KernelLevel.available

    private static func random(_ count: Int, _ seed: Int) -> [Float] {
        var random = SplitMix64(seed: UInt64(seed))
        return (0..<count).map { _ in Float.random(in: -2...2, using: &random) }
    }

    @Test func levelsHaveTheirKernelsNamesAndContainOneAnother() {
        #expect(KernelLevel.allCases.count == Int(APUS_LEVELS))
        for level in KernelLevel.allCases {
            unsafe #expect(String(cString: apus_level_name(level.rawValue)) == level.name)
        }
        #expect(KernelLevel.available.first == .plain)
        #expect(KernelLevel.available.last?.rawValue == apus_level_of_cpu())
        #expect(apus_has_level(apus_level()) != 0)
        #expect(apus_has_level(-1) == 0 && apus_has_level(Int32(APUS_LEVELS)) == 0)
    }

    /// Windows, causal views and shared keys, at sizes around those of tiles and panels.
    /// Numbers that are bf16 already, so that rounding changes the weights alone: by 2⁻⁹ of themselves, with values up to 2.
    @Test(arguments: levels, [false, true])
    func windowAttentionEqualsSoftmaxOfWhatIsSeen(level: KernelLevel, rounded: Bool) {
        let most = rounded && level == .bf16 ? 2.0 / 512 : 1e-5
        for tokens in [1, 2, 11, 12, 13, 31, 33, 65, 100] {
            for (heads, keyHeads, size) in [(1, 1, 8), (4, 2, 16), (3, 1, 40)] {
                for (before, after) in [
                    (Int.max, Int.max), (Int.max, 0), (0, 0), (5, 0), (7, 7), (40, 40), (3, Int.max),
                ] {
                    let stride = (heads + 2 * keyHeads) * size
                    let qkv = AlignedBuffer(
                        Self.random(tokens * stride, tokens * stride).map { ($0 * 64).rounded() / 64 })
                    let context = AlignedBuffer<Float>(count: tokens * heads * size)
                    // What is not written must not be read.
                    let scratch = AlignedBuffer(
                        [Float](repeating: .nan, count: Int(apus_attention_scratch(tokens, size))))
                    let keys = unsafe qkv.pointer + heads * size
                    unsafe apus_window_attention(
                        level.rawValue, rounded ? 1 : 0, qkv.pointer, keys, keys + keyHeads * size, stride, tokens,
                        heads, keyHeads,
                        size,
                        before, after, context.pointer, heads * size, scratch.pointer)
                    withExtendedLifetime(scratch) {}
                    func value(_ token: Int, _ at: Int) -> Double { unsafe Double(qkv.pointer[token * stride + at]) }
                    var worst = 0.0
                    for head in 0..<heads {
                        let shared = heads * size + head * keyHeads / heads * size
                        for query in 0..<tokens {
                            let first = before > query ? 0 : query - before
                            let last = after > tokens - 1 - query ? tokens - 1 : query + after
                            let scores = (first...last).map { key in
                                exp(
                                    (0..<size).reduce(0) {
                                        $0 + value(query, head * size + $1) * value(key, shared + $1)
                                    }
                                        / Double(size).squareRoot())
                            }
                            let sum = scores.reduce(0, +)
                            for d in Set([0, size / 2, size - 1]) {
                                let expected =
                                    (first...last).reduce(0) {
                                        $0 + scores[$1 - first] * value($1, shared + keyHeads * size + d)
                                    } / sum
                                let found = unsafe Double(context.pointer[query * heads * size + head * size + d])
                                worst = max(worst, found.isNaN ? .infinity : abs(expected - found))
                            }
                        }
                    }
                    #expect(
                        worst < most, "\(tokens) tokens, \(heads)/\(keyHeads) heads of \(size), \(before), \(after)")
                }
            }
        }
    }

    @Test(arguments: levels)
    func headsTurnByTheirPositionsAngles(level: KernelLevel) {
        for size in [2, 16, 34, 64] {
            let (tokens, heads) = (5, 3)
            let stride = heads * size + 7
            let values = Self.random(tokens * stride, size)
            let angles = Self.random(tokens * size / 2, size + 1)
            let x = AlignedBuffer(values)
            unsafe apus_rotate(
                level.rawValue, x.pointer, stride, tokens, heads, size, angles.map { cosf($0) }, angles.map { sinf($0) }
            )
            for token in 0..<tokens {
                for at in 0..<stride {
                    var expected = Double(values[token * stride + at])
                    if at < heads * size {
                        let (start, i) = (at / size * size, at % size % (size / 2))
                        let angle = Double(angles[token * size / 2 + i])
                        let a = Double(values[token * stride + start + i])
                        let b = Double(values[token * stride + start + i + size / 2])
                        expected =
                            at % size < size / 2 ? a * cos(angle) - b * sin(angle) : b * cos(angle) + a * sin(angle)
                    }
                    unsafe #expect(abs(Double(x.pointer[token * stride + at]) - expected) < 1e-6, "size \(size)")
                }
            }
        }
    }

    @Test(arguments: levels)
    func rowsHaveTheGivenRootMeanSquare(level: KernelLevel) {
        for width in [1, 15, 16, 33, 100] {
            let (values, gamma) = (Self.random(3 * width, width), Self.random(width, width + 1))
            let y = AlignedBuffer(values)
            unsafe apus_rms_norm(level.rawValue, y.pointer, width, 3, width, gamma, 1e-5, y.pointer, width)
            for row in 0..<3 {
                let squares = (0..<width).reduce(0) {
                    $0 + Double(values[row * width + $1]) * Double(values[row * width + $1])
                }
                for k in 0..<width {
                    let expected =
                        Double(gamma[k]) * Double(values[row * width + k])
                        / (squares / Double(width) + 1e-5).squareRoot()
                    unsafe #expect(abs(expected - Double(y.pointer[row * width + k])) < 1e-5, "width \(width)")
                }
            }
        }
    }

    @Test(arguments: levels)
    func gatesEqualTheirFormulas(level: KernelLevel) {
        let formulas: [(Int, (Double) -> Double)] = [
            (Int(APUS_GATE_GELU), { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }),
            (
                Int(APUS_GATE_GELU_TANH),
                { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
            ),
            (Int(APUS_GATE_RELU), { max(0, $0) }), (Int(APUS_GATE_SILU), { $0 / (1 + exp(-$0)) }),
        ]
        for (activation, formula) in formulas {
            for width in [1, 63, 64, 65, 200] {
                for (gate, value) in [(0, width), (width, 0)] {
                    let values = Self.random(4 * width, width).map { 5 * $0 }
                    let x = AlignedBuffer(values)
                    unsafe apus_gate(level.rawValue, x.pointer, 2 * width, 2, width, gate, value, Int32(activation))
                    for row in 0..<2 {
                        for k in 0..<width {
                            let start = row * 2 * width + k
                            let expected = formula(Double(values[start + gate])) * Double(values[start + value])
                            unsafe #expect(abs(Double(x.pointer[start]) - expected) < 3e-5, "activation \(activation)")
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: levels)
    func rowsAdd(level: KernelLevel) {
        for width in [1, 17, 64] {
            let (a, b) = (Self.random(3 * 70, 1), Self.random(3 * 80, 2))
            let x = AlignedBuffer(a)
            unsafe apus_add_rows(level.rawValue, x.pointer, 70, b, 80, 3, width)
            for at in 0..<3 * 70 {
                unsafe #expect(x.pointer[at] == (at % 70 < width ? a[at] + b[at / 70 * 80 + at % 70] : a[at]))
            }
        }
    }
}
