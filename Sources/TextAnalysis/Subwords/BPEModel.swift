/// Byte-pair encoding: the pair of neighbouring symbols that was merged first in training is merged first here.
///
/// Source: Sennrich et al., "Neural machine translation of rare words with subword units", 2016
/// ([arXiv:1508.07909](https://arxiv.org/abs/1508.07909)); over bytes: Radford et al., GPT-2, 2019.
struct BPEModel: Sendable {
    private struct Merge {
        let rank: Int32
        let id: Int32
    }

    /// The tokens that merging can reach; raw bytes for a byte-level vocabulary.
    let tokens: ByteTable
    private let merges: [UInt64: Merge]
    /// Whether the symbols to start with are bytes instead of characters.
    let isByteLevel: Bool
    /// Whether a word that is a token is not taken apart first.
    let ignoresMerges: Bool
    /// The id of a character without a token; nil drops it.
    let unknownID: Int32?
    /// Whether neighbouring unknown characters become one token.
    let fusesUnknown: Bool
    /// The ids of `<0x00>` … `<0xFF>`, negative where missing; empty without byte fallback.
    let byteIDs: [Int32]
    /// The ids of single bytes of a byte-level vocabulary, negative where missing.
    private let firstIDs: [Int32]

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// - Parameters:
    ///   - merges: Pairs in the order of training.
    ///   - decode: Turns a token as written into the bytes it stands for.
    ///   - path: The file, for messages.
    /// - Throws: ``TokenizerError/malformed(path:detail:)`` when a merge names a token that is not there.
    init(
        tokens: ByteTable, merges: [(String, String)], isByteLevel: Bool, ignoresMerges: Bool, unknownID: Int32?,
        fusesUnknown: Bool, byteIDs: [Int32], decode: (String) -> [UInt8]?, path: String
    ) throws(TokenizerError) {
        self.tokens = tokens
        self.isByteLevel = isByteLevel
        self.ignoresMerges = ignoresMerges
        self.unknownID = unknownID
        self.fusesUnknown = fusesUnknown
        self.byteIDs = byteIDs
        firstIDs = (0..<256).map { tokens.id([UInt8($0)]) ?? -1 }
        var table: [UInt64: Merge] = [:]
        table.reserveCapacity(merges.count)
        for (rank, (left, right)) in merges.enumerated() {
            guard let a = decode(left), let b = decode(right), let leftID = tokens.id(a), let rightID = tokens.id(b),
                let id = tokens.id(a + b)
            else {
                throw .malformed(path: path, detail: "merge \(rank), '\(left)' and '\(right)', has no token")
            }
            table[Self.key(leftID, rightID)] = Merge(rank: Int32(rank), id: id)
        }
        self.merges = table
    }

    /// Appends the ids of a word, `text[range]`.
    func append(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to ids: inout [Int32]) {
        if ignoresMerges, let id = unsafe tokens.id(text, range) { return ids.append(id) }
        let symbols = unsafe isByteLevel ? byteSymbols(text, range) : characterSymbols(text, range)
        if symbols.count > 48 { mergeByHeap(symbols, into: &ids) } else { mergeByScan(symbols, into: &ids) }
    }

    private func byteSymbols(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> [Int32] {
        var symbols: [Int32] = []
        symbols.reserveCapacity(range.count)
        for index in range {
            let id = unsafe firstIDs[Int(text[index])]
            if id >= 0 { symbols.append(id) } else if let unknownID { symbols.append(unknownID) }
        }
        return symbols
    }

    private func characterSymbols(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> [Int32] {
        var symbols: [Int32] = []
        var isUnknownPending = false
        var position = range.lowerBound
        while position < range.upperBound {
            let end = unsafe position + UTF8Scalar.decode(text, at: position).length
            defer { position = end }
            if let id = unsafe tokens.id(text, position..<end) {
                if isUnknownPending, let unknownID { symbols.append(unknownID) }
                isUnknownPending = false
                symbols.append(id)
            } else if !byteIDs.isEmpty, (position..<end).allSatisfy({ unsafe byteIDs[Int(text[$0])] >= 0 }) {
                for index in position..<end { unsafe symbols.append(byteIDs[Int(text[index])]) }
            } else {
                if isUnknownPending, !fusesUnknown, let unknownID { symbols.append(unknownID) }
                isUnknownPending = true
            }
        }
        if isUnknownPending, let unknownID { symbols.append(unknownID) }
        return symbols
    }

    /// Short words: look at all pairs each time.
    private func mergeByScan(_ start: [Int32], into ids: inout [Int32]) {
        var symbols = start
        var pairs = zip(symbols, symbols.dropFirst()).map { merges[Self.key($0, $1)] }
        while true {
            var best = -1
            var rank = Int32.max
            for (index, merge) in pairs.enumerated() {
                if let merge, merge.rank < rank { (best, rank) = (index, merge.rank) }
            }
            guard best >= 0, let merge = pairs[best] else { break }
            symbols[best] = merge.id
            symbols.remove(at: best + 1)
            pairs.remove(at: best)
            if best > 0 { pairs[best - 1] = merges[Self.key(symbols[best - 1], symbols[best])] }
            if best < pairs.count { pairs[best] = merges[Self.key(symbols[best], symbols[best + 1])] }
        }
        ids.append(contentsOf: symbols)
    }

    /// Long words: a heap of possible merges over a linked list of symbols, so that a word of a megabyte takes no hours.
    private func mergeByHeap(_ start: [Int32], into ids: inout [Int32]) {
        var symbols = start
        var next = (0..<start.count).map { $0 + 1 < start.count ? $0 + 1 : -1 }
        var previous = (0..<start.count).map { $0 - 1 }
        var heap = MergeHeap()
        func push(_ left: Int, _ right: Int) {
            guard let merge = merges[Self.key(symbols[left], symbols[right])] else { return }
            heap.push(MergeHeap.Entry(rank: merge.rank, id: merge.id, position: Int32(left)))
        }
        for index in 0..<max(0, start.count - 1) { push(index, index + 1) }
        while let top = heap.pop() {
            let left = Int(top.position)
            let right = next[left]
            guard symbols[left] >= 0, right >= 0 else { continue }
            // The neighbours may have changed since the entry was made.
            guard let merge = merges[Self.key(symbols[left], symbols[right])], merge.id == top.id else { continue }
            symbols[left] = merge.id
            symbols[right] = -1
            next[left] = next[right]
            if next[right] >= 0 { previous[next[right]] = left }
            if previous[left] >= 0 { push(previous[left], left) }
            if next[left] >= 0 { push(left, next[left]) }
        }
        for symbol in symbols where symbol >= 0 { ids.append(symbol) }
    }
}

/// Possible merges, lowest rank first, then leftmost.
private struct MergeHeap {
    struct Entry {
        let rank: Int32
        let id: Int32
        let position: Int32

        func isBefore(_ other: Entry) -> Bool { (rank, position) < (other.rank, other.position) }
    }

    private var entries: [Entry] = []

    mutating func push(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0, entries[child].isBefore(entries[(child - 1) / 2]) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> Entry? {
        guard let top = entries.first, let last = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return top }
        entries[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].isBefore(entries[least]) { least = child }
            if least == parent { return top }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
