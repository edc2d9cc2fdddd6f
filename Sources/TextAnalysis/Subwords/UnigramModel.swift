/// The most probable cutting of a word into pieces with independent probabilities.
///
/// Source: Kudo, "Subword regularization", 2018, section 3.2 ([arXiv:1804.10959](https://arxiv.org/abs/1804.10959)).
struct UnigramModel: Sendable {
    let tokens: ByteTable
    /// Log probabilities by id.
    let scores: [Double]
    let unknownID: Int32?
    /// The ids of `<0x00>` … `<0xFF>`, negative where missing; empty without byte fallback.
    let byteIDs: [Int32]
    /// What a character without a piece costs: 10 below the least probable piece.
    private let unknownScore: Double

    init(tokens: ByteTable, scores: [Double], unknownID: Int32?, byteIDs: [Int32]) {
        self.tokens = tokens
        self.scores = scores
        self.unknownID = unknownID
        self.byteIDs = byteIDs
        unknownScore = (scores.min() ?? 0) - 10
    }

    /// The best way to reach a byte.
    private struct Node {
        var score = 0.0
        /// Negative where no way is known.
        var start: Int32 = -1
        var id: Int32 = -1
    }

    /// Appends the ids of a word, `text[range]`; neighbouring unknown characters become one id.
    /// - Complexity: O(bytes × longest piece).
    func append(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to ids: inout [Int32]) {
        let count = range.count
        guard count > 0 else { return }
        var nodes = [Node](repeating: Node(), count: count + 1)
        var position = 0
        while position < count {
            let offset = range.lowerBound + position
            let length = unsafe UTF8Scalar.decode(text, at: offset).length
            let score = nodes[position].score
            var hash = ByteTable.seed
            var hasSingle = false
            for size in 1...max(1, min(tokens.longest, count - position)) {
                hash = unsafe ByteTable.extend(hash, by: text[offset + size - 1])
                guard let id = unsafe tokens.id(text, offset..<offset + size, hash: hash) else { continue }
                if size == length { hasSingle = true }
                reach(&nodes[position + size], from: position, score + scores[Int(id)], id)
            }
            // A character may be longer than every piece.
            if !hasSingle { reach(&nodes[position + length], from: position, score + unknownScore, unknownID ?? -1) }
            position += length
        }
        unsafe appendPath(text, range, nodes, to: &ids)
    }

    @inline(__always)
    private func reach(_ node: inout Node, from start: Int, _ score: Double, _ id: Int32) {
        guard node.start < 0 || score > node.score else { return }
        node = Node(score: score, start: Int32(start), id: id)
    }

    private func appendPath(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ nodes: [Node], to ids: inout [Int32]
    ) {
        var reversed: [Int32] = []
        var end = range.count
        var isInUnknown = false
        while end > 0 {
            let node = nodes[end]
            let start = Int(node.start)
            if node.id != (unknownID ?? -1) {
                reversed.append(node.id)
                isInUnknown = false
            } else if !byteIDs.isEmpty,
                (start..<end).allSatisfy({ unsafe byteIDs[Int(text[range.lowerBound + $0])] >= 0 })
            {
                for index in (start..<end).reversed() {
                    unsafe reversed.append(byteIDs[Int(text[range.lowerBound + index])])
                }
            } else {
                if !isInUnknown, let unknownID { reversed.append(unknownID) }
                isInUnknown = true
            }
            end = start
        }
        ids.append(contentsOf: reversed.reversed())
    }
}
