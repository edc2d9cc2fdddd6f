import CApusKernels

/// A screen over a language head's decoder, see `head_screen.h`: as exact as multiplying every term, and about twice as fast.
final class HeadScreen: Sendable {
    let rank: Int
    let decoder: PackedLinear
    let rotation: ScreenRotation
    let panels: AlignedBuffer<Int8>
    let thresholds: AlignedBuffer<Int32>
    let order: AlignedBuffer<UInt32>
    let units: Units
    private let weights: TermRows

    /// How a token's numbers become bytes.
    struct Units {
        /// The value of one unit of a coordinate.
        var step: Float
        /// The values of one unit of the norms: of the rest, of the bytes, of what rounding left.
        var norms: (Float, Float, Float)
        /// The largest unit of a quantised input that rounding errors are allowed for.
        var most: Float

        init(step: Float, norms: (Float, Float, Float), most: Float) {
            (self.step, self.norms, self.most) = (step, norms, most)
        }

        /// From the inputs: nearly all of them fit.
        init?(_ turned: [Float], columns: Int, _ inputs: ScreenInputs, rank: Int, half: Float) {
            let depth = inputs.depth
            let rows = turned.count / columns
            func quantile(_ values: [Float], _ share: Double) -> Float {
                values.sorted()[min(values.count - 1, Int(Double(values.count) * share))]
            }
            let step =
                quantile(
                    (0..<rows).map { row in (0..<rank).reduce(0) { max($0, abs(turned[row * columns + $1])) } }, 0.995)
                / half
            guard step.isFinite, step > 0 else { return nil }
            var sizes: [[Float]] = [[], [], []]
            for row in 0..<rows {
                var (rest, size, error): (Float, Float, Float) = (0, 0, 0)
                for k in 0..<depth {
                    let value = turned[row * columns + k]
                    guard k < rank else {
                        rest += value * value
                        continue
                    }
                    let whole = max(-half, min(half, (value / step).rounded())) * step
                    size += whole * whole
                    error += (value - whole) * (value - whole)
                }
                for (index, square) in [rest, size, error].enumerated() { sizes[index].append(square.squareRoot()) }
            }
            let limit = 2 * half
            // A row that does not fit costs all terms: texts of another kind have larger norms.
            func unit(_ values: [Float]) -> Float { max(quantile(values, 0.9995) * 2, step * 1e-3) / limit }
            self.step = step
            norms = (unit(sizes[0]), unit(sizes[1]), unit(sizes[2]))
            most = 2 * (inputs.scales.max() ?? 0)
        }
    }

    /// The rank that most heads are screened fastest with; 144 of 384.
    static func rank(depth: Int) -> Int { Int((7.3 * Double(depth).squareRoot() / 16).rounded()) * 16 }

    /// One that was made before for the same decoder.
    init(
        _ decoder: PackedLinear, rank: Int, rotation: ScreenRotation, panels: AlignedBuffer<Int8>,
        thresholds: AlignedBuffer<Int32>, order: AlignedBuffer<UInt32>, units: Units
    ) {
        (self.rank, self.decoder, self.rotation, self.units) = (rank, decoder, rotation, units)
        (self.panels, self.thresholds, self.order) = (panels, thresholds, order)
        weights = TermRows(decoder)
    }

    /// - Parameters:
    ///   - basis: nil to find it from the inputs.
    ///   - inputs: Of the head, a few thousand.
    /// - Returns: nil where bytes cannot bound this head's logits.
    /// - Complexity: O(terms · depth² + depth³); a second for 30,522 terms and 384 inputs.
    convenience init?(
        _ decoder: PackedLinear, _ inputs: ScreenInputs, basis given: ScreenBasis? = nil, rank wanted: Int? = nil
    ) {
        let (depth, terms, level) = (decoder.depth, decoder.outputs, decoder.level)
        let rank = wanted ?? Self.rank(depth: depth)
        let columns = decoder.columns
        guard decoder.precision == .int8, decoder.split == nil, depth % 16 == 0, rank % 16 == 0, rank < depth,
            let basis = given ?? ScreenBasis(inputs, decoder),
            let (rotation, making) = ScreenRotation.make(basis, rank: rank, level: level)
        else { return nil }
        let half = Float(apus_screen_half(level.rawValue))
        let some = 0..<min(inputs.rows, 2048)
        guard
            let units = Units(
                rotation.turned(inputs, some, level: level), columns: rotation.columns, inputs, rank: rank, half: half)
        else { return nil }
        let width = rank + Int(APUS_SCREEN_NORMS)
        let panels = AlignedBuffer<Int8>(count: columns * width)
        let thresholds = AlignedBuffer<Int32>(count: columns)
        let order = AlignedBuffer<UInt32>(count: columns)
        let rows = AlignedBuffer<Int8>(count: terms * width)
        let variances = AlignedBuffer(basis.variances)
        let constants = AlignedBuffer<Double>(count: terms)
        let steps = AlignedBuffer<Double>(count: terms)
        var likelihoods = [Float](repeating: 0, count: terms)
        var largest = [0.0, 0.0]
        let isBounded = unsafe decoder.withView { full in
            var source = unsafe apus_screen_source(
                full: full, inverse: making.inverse.pointer, mean: making.mean.pointer,
                variances: variances.pointer, depth: depth, rank: rank, unit: units.step, norms: units.norms)
            return unsafe apus_screen_rows(
                level.rawValue, &source, 0, terms, rows.pointer, constants.pointer, steps.pointer, &likelihoods,
                &largest) != 0
        }
        guard isBounded else { return nil }
        // Values of f32 that are sums of whole numbers are off by some ulps of the sizes that go into them: of h', which counts times
        // the largest w', and of the logit.
        let ulp = 16 * Double(Float.ulpOfOne) / 2
        let biases = (0..<terms).reduce(0.0) { unsafe max($0, Double(abs(decoder.bias.pointer[$1]))) }
        let slack =
            ulp * Double(units.most) * 255 * (making.sizes.rows * largest[1] + largest[0])
            + ulp * (making.sizes.bias * largest[1] + biases) + 1e-6
        guard slack.isFinite else { return nil }
        // Terms that are left often stand together, so that most panels have none.
        let ranked = (0..<terms).sorted { (likelihoods[$1], $0) < (likelihoods[$0], $1) }
        for (place, term) in ranked.enumerated() { unsafe order.pointer[place] = UInt32(term) }
        unsafe apus_screen_pack(
            level.rawValue, rows.pointer, constants.pointer, steps.pointer, slack, order.pointer, terms, rank,
            panels.pointer, thresholds.pointer)
        withExtendedLifetime((rows, variances, constants, steps, making)) {}
        self.init(
            decoder, rank: rank, rotation: rotation, panels: panels, thresholds: thresholds, order: order, units: units)
    }

    /// Bytes of scratch for a number of rows.
    func scratchBytes(rows: Int) -> Int { unsafe withView { unsafe apus_screen_scratch($0, rows) } }

    /// As the decoder's ``PackedLinear/applyMax(_:texts:to:)``, but that a term without a positive logit in a text may keep any
    /// value up to its largest.
    /// - Returns: How many logits were multiplied exactly.
    @discardableResult func applyMax(
        _ x: apus_rows, texts: UnsafePointer<UInt32>, to pooled: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<UInt8>
    ) -> Int {
        func run(needsPanels: Bool) -> Int {
            unsafe withView { screen in
                unsafe decoder.withView(needsPanels: needsPanels) { full in
                    var x = unsafe x
                    return unsafe apus_screen_max(
                        decoder.level.rawValue, screen, full, &x, texts, pooled, decoder.columns, scratch)
                }
            }
        }
        let needsPanels = weights.readsPanels || decoder.isPacked
        let count = run(needsPanels: needsPanels)
        // What no byte can bound takes all terms. Largest values that are there already stay what they are.
        return count < 0 ? run(needsPanels: true) : count
    }

    private func withView<Result>(_ body: (UnsafePointer<apus_screen>) -> Result) -> Result {
        var view = unsafe apus_screen(
            rotation: rotation.view, panels: panels.pointer, thresholds: thresholds.pointer, order: order.pointer,
            weights: weights.pointer, states: weights.states?.pointer, stored: weights.stored, scales: weights.scales,
            pair_limit: Int32(decoder.level.pairLimit ?? 254), depth: decoder.depth, rank: rank,
            terms: decoder.columns, unit: units.step,
            norms: units.norms, most: units.most)
        return withExtendedLifetime(self) { unsafe body(&view) }
    }
}
