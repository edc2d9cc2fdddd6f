extension WordPieceVocabulary {
    /// Appends the longest pieces from left to right, or only the unknown id when a part of the word has none.
    func appendPieces(_ bytes: UnsafeBufferPointer<UInt8>, unknownID: Int32, to ids: inout [Int32]) {
        guard let word = bytes.baseAddress else { return }
        let count = bytes.count
        var hash = Self.wordSeed
        for index in 0..<count { hash = unsafe Self.extend(hash, by: word[index]) }
        let whole = unsafe id(hash: hash, bytes: word, count: count)
        if whole >= 0 { return ids.append(whole) }
        let first = ids.count
        unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: longestPiece + 1) { hashes in
            var start = 0
            while start < count {
                let longest = min(longestPiece, count - start)
                var hash = start == 0 ? Self.wordSeed : Self.continuingSeed
                for index in 0..<longest {
                    hash = unsafe Self.extend(hash, by: word[start + index])
                    unsafe hashes[index + 1] = hash
                }
                var length = longest
                var found: Int32 = -1
                while length > 0 {
                    found = unsafe id(hash: hashes[length], bytes: word + start, count: length)
                    if found >= 0 { break }
                    length -= 1
                }
                guard found >= 0 else {
                    ids.removeLast(ids.count - first)
                    ids.append(unknownID)
                    return
                }
                ids.append(found)
                start += length
            }
        }
    }
}
