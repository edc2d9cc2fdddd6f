/// What was understood of a model; printed by `apus model inspect` and stored with an index.
public struct ModelDescription: Sendable, Equatable, Codable {
    /// The folder's or embedded model's name.
    public var name: String
    /// Hugging Face's class name, for example `BertForMaskedLM`.
    public var architecture: String
    /// Encoder layers.
    public var layers: Int
    /// Width of the hidden states.
    public var hiddenSize: Int
    /// How positions become one weight per term.
    public var pooling: Pooling
    /// What happens to a logit: `log1p(relu(x))` or `log1p(log1p(relu(x)))`.
    public var activation: String
    /// Which positions and dimensions take part.
    public var specialTokenPolicy: String
    /// Tokens of the longest text, [CLS] and [SEP] included; longer texts are cut.
    public var maximumLength: Int
    /// Terms, that is rows of the decoder.
    public var vocabularySize: Int
    /// Size and CRC-32C of the weights, for example `safetensors-23351044-9ae1c2b4`, and of what settings change in texts and
    /// tokens; equal means the same model. All weights are read when it is first asked for.
    public var identity: String {
        get { deferredIdentity.value }
        set { deferredIdentity = DeferredText(newValue) }
    }
    var deferredIdentity: DeferredText
    /// The query sides this model offers.
    public var querySides: [QuerySide]
    /// The side that the model's `apus.json` asks for where nobody asks for another; nil when it says nothing.
    public var preferredQuerySide: QuerySide?
    /// The arithmetic in use, never ``Precision/automatic``.
    public var precision: Precision
    /// The instruction set in use: plain, avx2, avxvnni, avx512, vnni, bf16 or neon.
    public var kernels: String

    private enum CodingKeys: String, CodingKey {
        case name, architecture, layers, hiddenSize, pooling, activation, specialTokenPolicy, maximumLength,
            vocabularySize
        case deferredIdentity = "identity"
        case querySides, preferredQuerySide, precision, kernels
    }
}
