import Foundation
import ParallelWork
import TextAnalysis

/// In how many documents of a collection each token of a model occurs: what an inference-free table is estimated from.
public struct TokenFrequencies: Sendable, Equatable {
    /// Documents counted.
    public private(set) var documents = 0
    private var counts: [Int32: Int] = [:]

    /// Nothing counted yet.
    public init() {}

    /// Distinct tokens seen.
    public var tokens: Int { counts.count }

    /// Documents with the token `id`.
    public func count(of id: Int32) -> Int { counts[id] ?? 0 }

    /// Counts one document.
    mutating func add(_ ids: Set<Int32>) {
        documents += 1
        for id in ids { counts[id, default: 0] += 1 }
    }

    /// The idf of each of `rows` tokens, `log((N + 1) / (n + 1/2))` for a token in `n` of `N` documents, 0 for `specialIDs`.
    ///
    /// BM25's idf as Lucene writes it, `log(1 + (N − n + 1/2) / (n + 1/2))`; as the table of an inference-free query: Geng
    /// et al., 2024 ([arXiv:2411.04403](https://arxiv.org/abs/2411.04403)), §3.
    func table(rows: Int, specialIDs: Set<Int32>) -> [Float] {
        (0..<Int32(rows)).map { id in
            specialIDs.contains(id) ? 0 : Float(log((Double(documents) + 1) / (Double(count(of: id)) + 0.5)))
        }
    }
}

extension SparseEncoder {
    /// Counts the distinct tokens of each text, however long.
    /// - Complexity: O(bytes of the texts); no network runs.
    public func count(_ texts: [String], into frequencies: inout TokenFrequencies, threads: Int) {
        let tokenizer = documents.tokenizer
        let sets = ParallelMap.map(count: texts.count, threads: threads, chunk: 16) { range in
            range.map {
                Set(tokenizer.encode(texts[$0], maximumLength: nil, addingSpecialTokens: false).ids)
            }
        }
        for ids in sets { frequencies.add(ids) }
    }
}
