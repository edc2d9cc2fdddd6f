/// Finds added tokens in a text, of which there may be hundreds.
struct AddedTokenFinder: Sendable {
    /// The tokens by their first byte; empty when there are none.
    private let tokens: [[AddedToken]]

    init(_ tokens: [AddedToken]) {
        var table = [[AddedToken]](repeating: [], count: tokens.isEmpty ? 0 : 256)
        for token in tokens { if let first = token.content.first { table[Int(first)].append(token) } }
        self.tokens = table
    }

    /// Calls `body` with each part of the text, where it starts, and its id when it is an added token.
    func cut(_ text: [UInt8], _ body: (ArraySlice<UInt8>, Int, Int32?) -> Void) {
        var start = 0
        unsafe text.withUnsafeBufferPointer { bytes in
            var position = 0
            while !tokens.isEmpty, position < bytes.count {
                let candidates = unsafe tokens[Int(bytes[position])]
                guard !candidates.isEmpty,
                    let found = unsafe AddedToken.match(candidates, in: bytes, at: position, notBefore: start)
                else {
                    position += 1
                    continue
                }
                if found.range.lowerBound > start { body(text[start..<found.range.lowerBound], start, nil) }
                body(text[found.range], found.range.lowerBound, found.id)
                start = found.range.upperBound
                position = max(found.searchEnd, start)
            }
        }
        if start < text.count { body(text[start...], start, nil) }
    }
}
