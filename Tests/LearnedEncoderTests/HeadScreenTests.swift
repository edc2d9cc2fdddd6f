import ApusTestSupport
import CApusBundledModel
import CApusKernels
import FileStorage
import Foundation
import Testing

@testable import LearnedEncoder

/// A screened head gives what multiplying every term gives, bit for bit, at every level and whatever it was calibrated on.
@Suite struct HeadScreenTests {
    private static let levels = KernelLevel.available.filter { $0 != .neon }
    private static let (terms, depth, rows) = (700, 96, 400)

    /// Inputs that follow a few directions, so that a low rank says much of them, with some that do not.
    private static func problem(_ seed: UInt64) -> KernelTests.Problem {
        var problem = KernelTests.Problem(rows: rows, depth: depth, outputs: terms, seed: seed)
        var random = SplitMix64(seed: seed &+ 99)
        let directions = (0..<12).map { _ in (0..<depth).map { _ in Float.random(in: -1...1, using: &random) } }
        for row in 0..<rows {
            let shares = directions.indices.map { _ in Float.random(in: -1...1, using: &random) }
            for k in 0..<depth {
                let along = zip(directions, shares).reduce(Float(0.3)) { $0 + $1.0[k] * $1.1 }
                problem.x[row * depth + k] = along + Float.random(in: -0.1...0.1, using: &random)
            }
        }
        // Few logits are positive.
        for term in 0..<terms { problem.bias[term] = Float.random(in: -45 ... -30, using: &random) }
        // A row of the head itself, its negative, one large channel, nothing, one number, other sizes.
        for k in 0..<depth {
            problem.x[k] = 9 * problem.w[5 * depth + k]
            problem.x[depth + k] = -9 * problem.w[5 * depth + k]
            problem.x[2 * depth + k] = k == 7 ? 300 : 0.1
            problem.x[3 * depth + k] = 0
            problem.x[4 * depth + k] = k == 11 ? 1 : 0
            problem.x[5 * depth + k] *= 40
        }
        return problem
    }

    private static func inputs(_ problem: KernelTests.Problem, _ decoder: PackedLinear) -> ScreenInputs {
        var inputs = ScreenInputs(depth: depth)
        problem.withRows(for: decoder) { unsafe inputs.append($0, most: rows) }
        return inputs
    }

    /// What is positive after pooling: of each text and term the value, by full products and by a screen.
    private static func pooled(
        _ problem: KernelTests.Problem, _ decoder: PackedLinear, _ screen: HeadScreen, texts: [UInt32]
    ) -> (full: [Float], screened: [Float], pairs: Int) {
        let count = (Int(texts.max() ?? 0) + 1) * decoder.columns
        let (full, screened) = (AlignedBuffer<Float>(count: count), AlignedBuffer<Float>(count: count))
        unsafe full.pointer.update(repeating: -.infinity, count: count)
        unsafe screened.pointer.update(repeating: -.infinity, count: count)
        let scratch = AlignedBuffer<UInt8>(count: screen.scratchBytes(rows: texts.count))
        let pairs = problem.withRows(for: decoder) { rows in
            unsafe decoder.applyMax(rows, texts: texts, to: full.pointer)
            return unsafe screen.applyMax(rows, texts: texts, to: screened.pointer, scratch: scratch.pointer)
        }
        func positive(_ values: AlignedBuffer<Float>) -> [Float] {
            values.copied().enumerated().map { place, value in
                let term = place % decoder.columns
                return unsafe term < terms && value + decoder.bias.pointer[term] > 0 ? value : 0
            }
        }
        return (positive(full), positive(screened), pairs)
    }

    private static let onePerRow = (0..<rows).map { UInt32($0) }
    private static let someRows = (0..<rows).map { UInt32($0 / 23) }

    @Test(arguments: levels, 0..<3 as Range<UInt64>)
    func equalsEveryProduct(level: KernelLevel, seed: UInt64) throws {
        let problem = Self.problem(seed)
        let decoder = try problem.linear(precision: .int8, level: level)
        for rank in [16, 48, 80] {
            let screen = try #require(HeadScreen(decoder, Self.inputs(problem, decoder), rank: rank))
            for texts in [Self.onePerRow, Self.someRows] {
                let found = Self.pooled(problem, decoder, screen, texts: texts)
                // Bound first: the arrays are too long to print.
                let isEqual = found.full == found.screened
                #expect(isEqual && found.full.contains { $0 > 0 })
                if rank == 80 { #expect(found.pairs < Self.rows * Self.terms / 4) }
            }
        }
    }

    /// Calibrated on other inputs, with another mean, or turned at random, it is slower and nothing else.
    @Test(arguments: levels) func aWrongBasisIsAsExact(level: KernelLevel) throws {
        let problem = Self.problem(7)
        let decoder = try problem.linear(precision: .int8, level: level)
        let inputs = Self.inputs(problem, decoder)
        let right = try #require(ScreenBasis(inputs, decoder))
        var random = SplitMix64(seed: 3)
        let turned = (0..<Self.depth * Self.depth).map { _ in Double.random(in: -1...1, using: &random) }
        let others = [
            ScreenBasis(mean: right.mean.map { $0 + 3 }, rotation: right.rotation, variances: right.variances),
            ScreenBasis(mean: right.mean, rotation: turned, variances: right.variances),
        ]
        for basis in others {
            let screen = try #require(HeadScreen(decoder, inputs, basis: basis, rank: 48))
            let found = Self.pooled(problem, decoder, screen, texts: Self.someRows)
            let isEqual = found.full == found.screened
            #expect(isEqual)
        }
        let small = KernelTests.Problem(rows: 200, depth: Self.depth, outputs: 32, seed: 4)
        let screen = try #require(HeadScreen(decoder, Self.inputs(small, decoder), rank: 48))
        let found = Self.pooled(problem, decoder, screen, texts: Self.someRows)
        let isEqual = found.full == found.screened
        #expect(isEqual)
    }

    /// A rotation without an inverse, or inputs that are too few, make no screen.
    @Test func whatCannotBeBoundedIsRefused() throws {
        let problem = Self.problem(1)
        let decoder = try problem.linear(precision: .int8, level: .plain)
        let inputs = Self.inputs(problem, decoder)
        let zeros = [Double](repeating: 0, count: Self.depth * Self.depth)
        let variances = [Float](repeating: 1, count: Self.depth)
        let basis = ScreenBasis(mean: [Double](repeating: 0, count: Self.depth), rotation: zeros, variances: variances)
        #expect(HeadScreen(decoder, inputs, basis: basis, rank: 48) == nil)
        #expect(HeadScreen(decoder, ScreenInputs(depth: Self.depth), rank: 48) == nil)
        #expect(HeadScreen(decoder, inputs, rank: 40) == nil)
    }

    /// The bundled model's files, those with screens apart.
    private static func bundled() throws -> (files: [String: MappedBytes], screens: [String: MappedBytes]) {
        var count = 0
        var files: [String: MappedBytes] = [:]
        let table = try #require(unsafe apus_bundled_model(&count))
        for index in 0..<count {
            let entry = unsafe table[index]
            files[unsafe String(cString: entry.name)] = unsafe MappedBytes(
                unsafeStatic: UnsafeRawBufferPointer(start: entry.bytes, count: entry.count), name: "bundled")
        }
        return (files.filter { !$0.key.hasSuffix(".panels") }, files.filter { $0.key.hasSuffix(".panels") })
    }

    private static func load(_ files: [String: MappedBytes]) throws -> (SparseEncoder, LanguageHead) {
        let encoder = try SparseEncoder(ModelFiles(name: "bundled", files: files))
        guard case .language(let head) = encoder.documents.transformer.head else {
            throw CocoaError(.featureUnsupported)
        }
        return (encoder, head)
    }

    /// Two threads read until the screen is made, and go on with it; a process that finds it stored begins with it.
    @Test func vectorsAreTheSameBeforeAndAfter() throws {
        let (files, screens) = try Self.bundled()
        let (encoder, head) = try Self.load(files)
        guard let screening = head.screening else { return }
        var random = SplitMix64(seed: 5)
        let words = encoder.vocabulary.filter { $0.first?.isLetter ?? false }
        let texts = (0..<260).map { _ in
            (0..<Int.random(in: 1...90, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
                .joined(separator: " ")
        }
        let before = try encoder.encodeDocuments(Array(texts.prefix(40)), threads: 2)
        #expect(screening.isReading)
        for _ in 0..<8 where screening.isReading { _ = try encoder.encodeDocuments(texts, threads: 2) }
        for _ in 0..<600 where !screening.isMade { Thread.sleep(forTimeInterval: 0.1) }
        #expect(screening.isMade)
        let after = try encoder.encodeDocuments(Array(texts.prefix(40)), threads: 2)
        #expect(after == before)

        // The program's own screen, and the one that was just made by way of a file.
        let folder = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let written = try encoder.writePanels(into: folder, texts: ["a few words"], isScreenOnly: true)
        #expect(written.map(\.hasScreen) == [true])
        let path = try #require(written.first?.path)
        let name = URL(fileURLWithPath: path).lastPathComponent
        #expect(screens[name] != nil)
        for more in [screens, [name: try MappedBytes(path: path)]] {
            let (stored, other) = try Self.load(files.merging(more) { $1 })
            #expect(other.screening?.isMade == true)
            #expect(!other.decoder.isPacked)
            #expect(try stored.encodeDocuments(Array(texts.prefix(40)), threads: 2) == before)
            // What is packed late is what is packed at once.
            let isSame =
                other.decoder.panels.copied() == head.decoder.panels.copied()
                && other.decoder.scales.copied() == head.decoder.scales.copied()
                && other.decoder.sums.copied() == head.decoder.sums.copied()
            #expect(isSame)
            #expect(try stored.encodeDocuments(Array(texts.prefix(40)), threads: 2) == before)
        }
        // One of an older Apus, without what spares the packing.
        let parts = (screening.finished()?.stored ?? []).map { (name: head.decoder.name + $0.name, bytes: $0.bytes) }
        let identity = encoder.documents.weights.value
        for missing in ["scales", "sums"] {
            try PanelFile.write(
                [], screen: parts.filter { !$0.name.hasSuffix(".screen." + missing) }, to: path, weights: identity)
            let (older, other) = try Self.load(files.merging([name: try MappedBytes(path: path)]) { $1 })
            #expect(other.screening?.isMade == true && other.decoder.isPacked)
            #expect(try older.encodeDocuments(Array(texts.prefix(40)), threads: 2) == before)
        }
        let short = parts.map { ($0.name, $0.name.hasSuffix(".screen.sums") ? AlignedBuffer([1, 2, 3, 4]) : $0.bytes) }
        try PanelFile.write([], screen: short, to: path, weights: identity)
        let wrong = files.merging([name: try MappedBytes(path: path)]) { $1 }
        #expect(throws: EncoderError.self) { try Self.load(wrong) }
        // One that lacks a part is no screen, whatever its checksum.
        for missing in ["order", "units", "rotation.bias"] {
            try PanelFile.write(
                [], screen: parts.filter { !$0.name.hasSuffix(".screen." + missing) }, to: path, weights: identity)
            let broken = files.merging([name: try MappedBytes(path: path)]) { $1 }
            let error = #expect(throws: EncoderError.self) { try Self.load(broken) }
            #expect(error?.description.contains("screen." + missing) == true)
        }
    }
}
