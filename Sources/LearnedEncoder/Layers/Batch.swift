/// Texts that are encoded together, by their index.
enum Batch {
    /// Sorts texts by length, longest first so that workers finish together, and cuts the order into batches of at most
    /// `tokens` tokens (or one longer text). Texts with nothing but the `overhead` of [CLS] and [SEP] are left out.
    static func plan(lengths: [Int], tokens: Int, overhead: Int = 2) -> [[Int]] {
        let order = lengths.indices.filter { lengths[$0] > overhead }.sorted {
            (lengths[$1], $0) < (lengths[$0], $1)
        }
        var batches: [[Int]] = []
        var batch: [Int] = []
        var sum = 0
        for index in order {
            if !batch.isEmpty, sum + lengths[index] > tokens || batch.count == Workspace.batchTexts {
                batches.append(batch)
                batch = []
                sum = 0
            }
            batch.append(index)
            sum += lengths[index]
        }
        if !batch.isEmpty { batches.append(batch) }
        return batches
    }
}
