import CApusKernels

/// Every buffer one worker needs, allocated once.
final class Workspace {
    /// Most tokens of one batch.
    let tokens: Int
    /// Most texts of one batch.
    let texts: Int
    /// Floats from one row of hidden states to the next.
    let stride: Int
    /// Floats from one row of attention outputs to the next.
    let contextStride: Int
    let hidden: AlignedBuffer<Float>
    let output: AlignedBuffer<Float>
    let projection: AlignedBuffer<Float>
    let context: AlignedBuffer<Float>
    let inner: AlignedBuffer<Float>
    let scratch: AlignedBuffer<Float>
    let quantised: AlignedBuffer<UInt8>
    let quantisedScales: AlignedBuffer<Float>
    let quantisedZeros: AlignedBuffer<Int32>
    let textOfRow: AlignedBuffer<UInt32>
    let pooled: AlignedBuffer<Float>
    /// For a screened head, from its first use on.
    private var screened = AlignedBuffer<UInt8>(count: 0)

    /// - Parameter hasStates: False for a head that looks at the tokens only, whatever sizes its config.json claims.
    init(
        _ configuration: ModelConfiguration, hasStates: Bool = true, longestText: Int, quantisedBytes: Int,
        pooledColumns: Int
    ) {
        let padded = PackedLinear.columns
        tokens = max(Self.batchTokens(configuration), longestText)
        texts = Self.batchTexts
        guard hasStates else {
            (stride, contextStride) = (0, 0)
            (hidden, output, context) = (.init(count: 0), .init(count: 0), .init(count: 0))
            (projection, inner, scratch) = (.init(count: 0), .init(count: 0), .init(count: 0))
            (quantised, quantisedScales, quantisedZeros) = (.init(count: 0), .init(count: 0), .init(count: 0))
            (textOfRow, pooled) = (.init(count: 0), .init(count: 0))
            return
        }
        stride = padded(configuration.hiddenSize)
        hidden = AlignedBuffer(count: tokens * stride)
        output = AlignedBuffer(count: tokens * stride)
        contextStride = padded(max(configuration.hiddenSize, configuration.heads * configuration.headSize))
        context = AlignedBuffer(count: tokens * contextStride)
        projection = AlignedBuffer(count: tokens * padded(configuration.projectionWidth))
        inner = AlignedBuffer(count: tokens * padded(configuration.innerWidth))
        scratch = AlignedBuffer(count: apus_attention_scratch(longestText, configuration.headSize))
        quantised = AlignedBuffer(count: tokens * Self.quantisedStride(quantisedBytes))
        quantisedScales = AlignedBuffer(count: tokens)
        quantisedZeros = AlignedBuffer(count: tokens)
        textOfRow = AlignedBuffer(count: tokens)
        pooled = AlignedBuffer(count: texts * padded(pooledColumns))
    }

    /// Scratch of at least so many bytes; valid until it is asked for again.
    func screenScratch(_ bytes: Int) -> AlignedBuffer<UInt8> {
        if screened.count < bytes { screened = AlignedBuffer(count: bytes) }
        return screened
    }

    /// Bytes from one quantised row to the next.
    static func quantisedStride(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }

    /// Enough rows to reuse each weight panel many times, few enough that their hidden states (256 × 384 × 4 bytes) leave
    /// room in a second-level cache of 1 MiB.
    static func batchTokens(_ configuration: ModelConfiguration) -> Int {
        max(96, min(256, 256 * 384 / configuration.hiddenSize))
    }

    static let batchTexts = 32
}
