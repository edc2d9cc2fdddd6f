import FileStorage

/// The passages of a segment's documents, as ``PassageWriter`` wrote them.
@safe struct StoredPassages: Sendable {
    /// The tensor that is read here and there.
    static let bytesName = "passages.bytes"
    /// The owner of the memory.
    private let mapped: MappedBytes
    /// Where the bytes begin in the file.
    private let offset: Int
    private nonisolated(unsafe) let bytes: UnsafeBufferPointer<UInt8>
    private nonisolated(unsafe) let ends: UnsafeBufferPointer<UInt64>
    private nonisolated(unsafe) let places: UnsafeBufferPointer<UInt32>
    private nonisolated(unsafe) let last: UnsafeBufferPointer<UInt32>

    /// - Returns: nil where none are stored.
    /// - Throws: ``StorageError/malformed(path:detail:)``.
    init?(_ file: SafetensorsFile, documents: Int) throws(StorageError) {
        guard let tensor = file.tensors[Self.bytesName] else { return nil }
        mapped = file.bytes
        let path = mapped.path
        offset = tensor.offset
        unsafe bytes = try unsafe file.unsafeTensor(Self.bytesName, of: UInt8.self, type: .u8)
        unsafe ends = try unsafe file.unsafeTensor("passages.ends", of: UInt64.self, type: .u64)
        unsafe places = try unsafe file.unsafeTensor(
            "passages.places", of: UInt32.self, type: .u32, shape: [ends.count, 2])
        unsafe last = try unsafe file.unsafeTensor("passages.last", of: UInt32.self, type: .u32, shape: [documents])
        guard unsafe Self.ascend(ends, to: UInt64(bytes.count)), unsafe Self.ascend(last, to: UInt32(ends.count)) else {
            throw .malformed(path: path, detail: "ends of passages that do not ascend")
        }
        for passage in unsafe ends.indices where unsafe places[2 * passage] > places[2 * passage + 1] {
            throw .malformed(path: path, detail: "a passage that ends before it begins")
        }
        file.bytes.advise(.random, range: offset..<offset + tensor.count)
    }

    private static func ascend<Number: UnsignedInteger>(_ ends: UnsafeBufferPointer<Number>, to end: Number) -> Bool {
        var before: Number = 0
        for place in ends.indices {
            let next = unsafe ends[place]
            guard next >= before else { return false }
            before = next
        }
        return before == end
    }

    /// Bytes of the tensors.
    var byteCount: Int { unsafe bytes.count + 8 * ends.count + 4 * places.count + 4 * last.count }

    /// Passages of all documents.
    var count: Int { unsafe ends.count }

    /// The passages of a document; none where it is one itself.
    func passages(of docid: Int) -> Range<Int> {
        unsafe (docid == 0 ? 0 : Int(last[docid - 1]))..<Int(last[docid])
    }

    /// Where some passages lie in the file.
    func range(of passages: Range<Int>) -> Range<Int> {
        guard !passages.isEmpty else { return offset..<offset }
        return offset + start(passages.lowerBound)..<offset + start(passages.upperBound)
    }

    private func start(_ passage: Int) -> Int { unsafe passage == 0 ? 0 : Int(ends[passage - 1]) }

    /// Where a passage lies in the document's text, in bytes; nil where that is not known.
    func place(of passage: Int) -> Range<Int>? {
        let place = unsafe Int(places[2 * passage])..<Int(places[2 * passage + 1])
        return place.isEmpty ? nil : place
    }

    /// Σ weight × impact of a passage.
    /// - Parameters:
    ///   - terms: Ascending.
    ///   - weights: One for each of these.
    ///   - found: Told the place of each of the terms that the passage holds, and its impact.
    /// - Returns: nil where the bytes are no vector.
    /// - Complexity: O(terms of the passage + `terms`).
    @inline(__always)
    func sum(
        of passage: Int, terms: [Int], weights: [UInt32], found: (Int, UInt8) -> Void = { _, _ in }
    ) -> UInt32? {
        var (place, next, term, sum) = (start(passage), 0, 0, UInt32(0))
        let end = start(passage + 1)
        while place < end, next < terms.count {
            guard let gap = unsafe VectorCoding.gap(bytes, &place, end) else { return nil }
            term += gap
            while next < terms.count, terms[next] < term { next += 1 }
            if next < terms.count, terms[next] == term {
                let impact = unsafe bytes[place]
                sum &+= weights[next] &* UInt32(impact)
                found(next, impact)
            }
            place += 1
            term += 1
        }
        return sum
    }

    /// The terms of a passage and their impacts, terms in order.
    /// - Returns: nil where the bytes are no vector.
    func vector(of passage: Int) -> [(term: Int, impact: UInt8)]? {
        var (place, term) = (start(passage), 0)
        let end = start(passage + 1)
        var vector: [(term: Int, impact: UInt8)] = []
        while place < end {
            guard let gap = unsafe VectorCoding.gap(bytes, &place, end) else { return nil }
            term += gap
            vector.append(unsafe (term, bytes[place]))
            place += 1
            term += 1
        }
        return vector
    }
}
