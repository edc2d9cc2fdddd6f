import ByteStrings
import CApusKernels
import FileStorage
import JSONScanning
import TextAnalysis

/// The weight of each term in an inference-free query: presence, not count.
///
/// Source: Geng et al., 2024, "Towards Competitive Search Relevance For Inference-Free Learned Sparse Retrievers"
/// ([arXiv:2411.04403](https://arxiv.org/abs/2411.04403)).
struct InferenceFreeTable: Sendable {
    /// Tensor of a packed model that holds the table, `[vocabulary]`.
    static let tensorName = "apus.idf"

    let weights: [Float]

    /// The table of a SparseStaticEmbedding.
    /// - Throws: ``EncoderError`` when the tensor is missing, misshapen, not finite or negative somewhere.
    init(_ checkpoint: Checkpoint, tensor: String, rows: Int) throws(EncoderError) {
        let stored = try checkpoint.vector(tensor, count: rows)
        weights = unsafe Array(UnsafeBufferPointer(start: stored.pointer, count: rows))
        if let id = weights.firstIndex(where: { $0 < 0 }) {
            throw .malformed(
                path: checkpoint.path,
                detail:
                    "tensor '\(tensor)' gives term \(id) the weight \(weights[id]), and a query has no negative weights"
            )
        }
    }

    /// The table in `idf.json` (token → weight) or in the packed checkpoint; nil when the model has none.
    /// - Throws: ``EncoderError``.
    init?(_ files: ModelFiles, _ checkpoint: Checkpoint, vocabulary: [String], rows: Int) throws(EncoderError) {
        if checkpoint.has(Self.tensorName) {
            try self.init(checkpoint, tensor: Self.tensorName, rows: rows)
            return
        }
        guard let bytes = try files.bytes("idf.json") else { return nil }
        // Member by member: a dictionary of strings would make one of two spellings of a token.
        guard let members = unsafe bytes.withUnsafeBytes({ unsafe JSONTree($0) })?.members else {
            throw .malformed(path: bytes.path, detail: "it is not a JSON object of token: weight")
        }
        var table: [ByteString: Float] = [:]
        table.reserveCapacity(members.count)
        for (token, value) in members {
            func wrong(_ what: String) -> EncoderError {
                .malformed(path: bytes.path, detail: "the weight of '\(token)' is \(what), not a number from 0 on")
            }
            guard let number = value.number else { throw wrong(value.label) }
            guard number.isNaN || number >= 0 else { throw wrong("\(number)") }
            guard Float(number).isFinite else {
                throw wrong(number.isNaN ? "NaN" : number.isFinite ? "\(number), too large" : "infinite")
            }
            table[ByteString(token)] = Float(number)
        }
        var weights = [Float](repeating: 0, count: rows)
        var matched = 0
        for (id, token) in vocabulary.enumerated() {
            guard let weight = table[ByteString(token)] else { continue }
            weights[id] = weight
            matched += 1
        }
        guard matched > 0 || table.isEmpty else {
            throw .malformed(path: bytes.path, detail: "none of its \(table.count) tokens is in the vocabulary")
        }
        self.init(weights: weights)
    }

    private init(weights: [Float]) { self.weights = weights }

    /// CRC-32C of the weights: equal means the same table.
    var identity: String {
        unsafe weights.withUnsafeBytes { unsafe Checksum.digits(Checksum.of($0)) }
    }

    /// The distinct ids with a positive weight.
    func vector(_ ids: [Int32]) -> (terms: [UInt32], weights: [Float]) {
        let terms = Set(ids).sorted().filter { weights[Int($0)] > 0 }
        return (terms.map(UInt32.init), terms.map { weights[Int($0)] })
    }
}
