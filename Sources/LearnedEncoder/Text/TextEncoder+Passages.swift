import ParallelWork
import TextAnalysis

extension TextEncoder {
    /// Encodes texts passage by passage; memory grows with their tokens, not with their passages.
    /// - Parameters:
    ///   - split: A checked split.
    ///   - isCancelled: Asked every few thousand tokens.
    /// - Returns: One vector per text, or nil when cancelled.
    func encode(_ texts: [String], _ split: PassageSplit, threads: Int, isCancelled: () -> Bool) -> [SparseVector]? {
        let frame = transformer.frame
        let room = frame.room(split.length)
        let tokens = ParallelMap.map(count: texts.count, threads: threads, chunk: 16) { range in
            range.map { self.tokenizer.encode(texts[$0], maximumLength: nil, addingSpecialTokens: false).ids }
        }
        var vectors = [SparseVector](repeating: SparseVector(), count: texts.count)
        var passages: [(text: Int, part: Int, range: Range<Int>)] = []
        for (text, ids) in tokens.enumerated() {
            let starts = split.starts(count: ids.count, room: room)
            vectors[text].passages = max(1, starts.count)
            let end = starts.last.map { min($0 + room, ids.count) } ?? 0
            vectors[text].isTruncated = end < ids.count
            for (part, start) in starts.enumerated() {
                passages.append((text, part, start..<min(start + room, ids.count)))
            }
            guard split.aggregate == .best, starts.count > 1 else { continue }
            let place = places(of: ids, in: texts[text])
            vectors[text].parts = starts.map { PassageVector(bytes: place($0..<min($0 + room, ids.count))) }
        }
        let windows = passages
        let batches = Batch.plan(
            lengths: windows.map { frame.count(own: $0.range.count) }, tokens: Workspace.batchTokens(configuration),
            overhead: 0)
        var weights: [Int: [UInt32: Float]] = [:]
        let wave = 8 * max(1, threads)
        for first in stride(from: 0, to: batches.count, by: wave) {
            if isCancelled() { return nil }
            let part = batches[first..<min(first + wave, batches.count)]
            let results = ParallelMap.map(count: part.count, threads: threads, chunk: 1) { range in
                self.workspaces.withObject { workspace in
                    range.map { index in
                        let texts = part[part.startIndex + index].map { window in
                            frame.wrap(tokens[windows[window].text][windows[window].range])
                        }
                        return self.transformer.encode(texts, workspace)
                    }
                }
            }
            // The passages of a text come in its own order, whatever else is in the batch, so that sums round alike.
            for (batch, found) in zip(part, results) {
                for (window, vector) in zip(batch, found) {
                    let text = windows[window].text
                    if !vectors[text].parts.isEmpty {
                        let part = windows[window].part
                        vectors[text].parts[part].terms = vector.terms
                        vectors[text].parts[part].weights = vector.weights
                    }
                    if vectors[text].passages == 1 {
                        (vectors[text].terms, vectors[text].weights) = (vector.terms, vector.weights)
                    } else {
                        weights[text, default: [:]].add(vector, split.aggregate)
                    }
                }
            }
        }
        for (text, weights) in weights {
            let terms = weights.keys.sorted()
            vectors[text].terms = terms
            vectors[text].weights = terms.map { weights[$0] ?? 0 }
        }
        return vectors
    }
}

extension [UInt32: Float] {
    /// Joins the vector of one more passage.
    fileprivate mutating func add(_ vector: (terms: [UInt32], weights: [Float]), _ aggregate: PassageSplit.Aggregate) {
        for (term, weight) in zip(vector.terms, vector.weights) {
            switch aggregate {
            case .max, .best: self[term] = Swift.max(self[term] ?? 0, weight)
            case .sum, .first: self[term, default: 0] += weight
            }
        }
    }
}
