import CApusKernels
import FileStorage
import Foundation

/// The weight of each term in an inference-free query: presence, not count.
///
/// Source: Geng et al., 2024, "Towards Competitive Search Relevance For Inference-Free Learned Sparse Retrievers"
/// ([arXiv:2411.04403](https://arxiv.org/abs/2411.04403)).
struct InferenceFreeTable: Sendable {
    /// Tensor of a packed model that holds the table, `[vocabulary]`.
    static let tensorName = "apus.idf"

    let weights: [Float]

    /// The table of a SparseStaticEmbedding.
    /// - Throws: ``EncoderError`` when the tensor is missing, misshapen or not finite.
    init(_ checkpoint: Checkpoint, tensor: String, rows: Int) throws(EncoderError) {
        let stored = try checkpoint.vector(tensor, count: rows)
        weights = Array(UnsafeBufferPointer(start: stored.pointer, count: rows))
    }

    /// The table in `idf.json` (token → weight) or in the packed checkpoint; nil when the model has none.
    /// - Throws: ``EncoderError``.
    init?(_ files: ModelFiles, _ checkpoint: Checkpoint, vocabulary: [String], rows: Int) throws(EncoderError) {
        if checkpoint.has(Self.tensorName) {
            try self.init(checkpoint, tensor: Self.tensorName, rows: rows)
            return
        }
        guard let bytes = try files.bytes("idf.json") else { return nil }
        guard let table = JSONFile.parse(bytes) as? [String: Double] else {
            throw .malformed(path: bytes.path, detail: "it is not a JSON object of token: weight")
        }
        var weights = [Float](repeating: 0, count: rows)
        var matched = 0
        for (id, token) in vocabulary.enumerated() {
            guard let weight = table[token] else { continue }
            guard Float(weight).isFinite else {
                throw .malformed(path: bytes.path, detail: "the weight of '\(token)' is too large")
            }
            weights[id] = Float(weight)
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
        var checksum = CRC32C()
        weights.withUnsafeBytes { checksum.update($0) }
        let digits = String(checksum.value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The distinct ids with a positive weight.
    func vector(_ ids: [Int32]) -> (terms: [UInt32], weights: [Float]) {
        let terms = Set(ids).sorted().filter { weights[Int($0)] > 0 }
        return (terms.map(UInt32.init), terms.map { weights[Int($0)] })
    }
}
