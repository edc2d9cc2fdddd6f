import FileStorage

extension SegmentBuffer {
    /// Writes a segment.
    /// - Parameter reorder: Whether similar documents become neighbours; rows of texts stay in the order in which they came.
    /// - Parameters packs, texts: As for ``SegmentWriter``.
    /// - Returns: What a commit says of it; of the scale and a file of texts nothing yet.
    /// - Throws: ``IndexError``.
    func write(
        to directory: String, name: String, permissions: UInt32?, vocabulary: [String], options: IndexOptions,
        reorder: Bool, packs: Bool, texts: SegmentWriter.TextsEnd
    ) throws(IndexError) -> SegmentEntry {
        var order: [UInt32]?
        if reorder, documents >= DocumentOrder.fewestDocuments {
            let memory = max(options.workBytes / 8, options.workBytes * 7 / 8 - bytes)
            let postings = options.hasLearned ? learnedPostings(vocabulary: vocabulary, nil) : textPostings(nil)
            order = try DocumentOrder.bisect(documents: documents, postings, memory: memory)
        }
        var places: [UInt32]?
        if let order {
            var found = [UInt32](repeating: 0, count: documents)
            for (place, number) in order.enumerated() { found[Int(number)] = UInt32(place) }
            places = found
        }
        let writer = try SegmentWriter(
            to: directory, name: name, permissions: permissions,
            wordCounts: order?.map { wordCounts[Int($0)] } ?? wordCounts, profile: options.profile,
            storesVectors: options.storesVectors, storesPassages: !passages.isEmpty)
        if options.hasText { try writer.write(textPostings(places)) }
        if options.hasLearned { try writer.write(learnedPostings(vocabulary: vocabulary, places)) }
        if !passages.isEmpty {
            let numbers = learnedNumbers(vocabulary)
            try writer.writePassages { docid in
                passages.passages(of: order?[docid] ?? UInt32(docid), numbers: numbers)
            }
        }
        let descending = ids.ascending().reversed().map { places?[Int($0)] ?? $0 }
        // A typed error does not pass through a closure that rethrows.
        let written: Result<SegmentEntry, IndexError> = unsafe ids.withTerms { id in
            do throws(IndexError) {
                return unsafe .success(
                    try writer.finish(
                        rows: order ?? Array(0..<UInt32(documents)), descending: descending, isReordered: order != nil,
                        id: { docid in unsafe id(order.map { Int($0[docid]) } ?? docid) }, packs: packs, texts: texts))
            } catch { return .failure(error) }
        }
        var entry = try written.get()
        (entry.clipped, entry.dropped) = (clipped, dropped)
        return entry
    }
}
