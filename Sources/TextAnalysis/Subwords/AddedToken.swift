/// A token that is found in a text as it was typed, before any normalisation.
struct AddedToken: Sendable, Equatable {
    let id: Int32
    let content: [UInt8]
    /// Whether the token takes the white space before it, after it.
    let stripsLeft: Bool
    let stripsRight: Bool

    /// A found token, with the white space that it takes.
    struct Match {
        let id: Int32
        let range: Range<Int>
        /// Where the search goes on.
        let searchEnd: Int
    }

    /// The leftmost, and there the longest, token in `text` at or after `offset`.
    ///
    /// - Parameter notBefore: The end of the match before, which white space to the left may not pass.
    static func next(
        _ tokens: [AddedToken], in text: UnsafeBufferPointer<UInt8>, from offset: Int, notBefore: Int
    ) -> Match? {
        guard let firstByte = tokens.first?.content.first else { return nil }
        let haveOneFirstByte = tokens.allSatisfy { $0.content.first == firstByte }
        var position = offset
        while position < text.count {
            if haveOneFirstByte, unsafe text[position] != firstByte {
                position += 1
                continue
            }
            if let match = unsafe match(tokens, in: text, at: position, notBefore: notBefore) { return match }
            position += 1
        }
        return nil
    }

    /// The longest token that stands at `position`, with the white space that it takes.
    static func match(
        _ tokens: [AddedToken], in text: UnsafeBufferPointer<UInt8>, at position: Int, notBefore: Int
    ) -> Match? {
        var longest: AddedToken?
        for token in tokens where token.content.count > longest?.content.count ?? 0 {
            if unsafe token.isAt(position, in: text) { longest = token }
        }
        guard let token = longest else { return nil }
        var (start, end) = (position, position + token.content.count)
        let searchEnd = end
        if token.stripsLeft { start = unsafe whitespaceStart(text, before: start, notBefore: notBefore) }
        if token.stripsRight { end = unsafe whitespaceEnd(text, after: end) }
        return Match(id: token.id, range: start..<end, searchEnd: max(searchEnd, end))
    }

    private func isAt(_ position: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard position + content.count <= text.count else { return false }
        for index in content.indices where unsafe text[position + index] != content[index] { return false }
        return true
    }

    private static func whitespaceStart(_ text: UnsafeBufferPointer<UInt8>, before end: Int, notBefore: Int) -> Int {
        var start = end
        while start > notBefore {
            var previous = start - 1
            while previous > notBefore, unsafe text[previous] & 0xC0 == 0x80 { previous -= 1 }
            guard unsafe BERTNormalizer.isWhitespace(UTF8Scalar.decode(text, at: previous).codePoint) else { break }
            start = previous
        }
        return start
    }

    private static func whitespaceEnd(_ text: UnsafeBufferPointer<UInt8>, after start: Int) -> Int {
        var end = start
        while end < text.count {
            let (codePoint, length) = unsafe UTF8Scalar.decode(text, at: end)
            guard BERTNormalizer.isWhitespace(codePoint) else { break }
            end += length
        }
        return end
    }
}
