/// Normalises a text, splits it into words and the words into pieces, all in one pass over its bytes.
struct WordPieceSplitter: Sendable {
    let normalizer: BERTNormalizer
    let unknownID: Int32
    /// A word with more code points than this is unknown as a whole.
    let maximumCharacters: Int

    /// What an ASCII byte does: `drop`, `space`, `punctuation`, or the byte to add to the word.
    private let asciiActions: [UInt8]
    private static let drop: UInt8 = 0xFF
    private static let space: UInt8 = 0xFE
    private static let punctuation: UInt8 = 0x80

    init(normalizer: BERTNormalizer, unknownID: Int32, maximumCharacters: Int) {
        self.normalizer = normalizer
        self.unknownID = unknownID
        self.maximumCharacters = maximumCharacters
        asciiActions = (0..<128).map { code in
            let c = UInt32(code)
            if normalizer.cleansText, BERTNormalizer.isRemoved(c) { return Self.drop }
            switch BERTNormalizer.kind(c) {
            case .whitespace: return Self.space
            case .punctuation: return Self.punctuation
            case .word: return normalizer.lowercases && (0x41...0x5A).contains(c) ? UInt8(c) | 0x20 : UInt8(c)
            }
        }
    }

    /// The normalised words of `text`; for tests.
    func words(in text: String) -> [String] {
        var (words, text) = ([String](), text)
        text.withUTF8 { bytes in
            unsafe split(bytes) { word in
                unsafe words.append(word.map { unsafe String(decoding: $0, as: UTF8.self) } ?? "…")
            }
        }
        return words
    }

    /// Appends the ids of the pieces of `text`, valid UTF-8.
    func split(_ text: UnsafeBufferPointer<UInt8>, _ pieces: WordPieceVocabulary, into ids: inout [Int32]) {
        unsafe split(text) { word in
            if let word = unsafe word {
                unsafe pieces.appendPieces(word, unknownID: unknownID, to: &ids)
            } else {
                ids.append(unknownID)
            }
        }
    }

    /// Calls `body` with the bytes of each normalised word, or nil for one that is too long.
    @inline(__always)
    private func split(_ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>?) -> Void) {
        guard !text.isEmpty else { return }
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4 * maximumCharacters) { room in
            guard let base = room.baseAddress else { return }
            var word = unsafe Word(bytes: base, splitter: self)
            unsafe asciiActions.withUnsafeBufferPointer { actions in
                var position = 0
                while position < text.count {
                    let byte = unsafe text[position]
                    if byte < 0x80 {
                        position += 1
                        let action = unsafe actions[Int(byte)]
                        if action < 0x80 {
                            word.append(ascii: action)
                        } else if action == Self.space {
                            unsafe word.flush(body)
                        } else if action == Self.punctuation {
                            unsafe word.flush(body)
                            word.append(ascii: byte)
                            unsafe word.flush(body)
                        }
                    } else {
                        let (codePoint, length) = unsafe UTF8Scalar.decode(text, at: position)
                        position += length
                        unsafe append(codePoint, to: &word, body)
                    }
                }
            }
            unsafe word.flush(body)
        }
    }

    /// Adds a code point that is not ASCII.
    private func append(_ c: UInt32, to word: inout Word, _ body: (UnsafeBufferPointer<UInt8>?) -> Void) {
        if normalizer.cleansText {
            if BERTNormalizer.isRemoved(c) { return }
            if BERTNormalizer.isWhitespace(c) { return unsafe word.flush(body) }
        }
        let isAlone = normalizer.handlesChineseCharacters && BERTNormalizer.isChinese(c)
        if isAlone { unsafe word.flush(body) }
        normalizer.normalize(c) { normalized in
            switch BERTNormalizer.kind(normalized) {
            case .whitespace: unsafe word.flush(body)
            case .word: word.append(normalized)
            case .punctuation:
                unsafe word.flush(body)
                word.append(normalized)
                unsafe word.flush(body)
            }
        }
        if isAlone { unsafe word.flush(body) }
    }

    /// The word being read.
    ///
    /// Marked safe because whoever makes one, in an expression marked unsafe, lends it the memory for as long as it lives.
    @safe private struct Word {
        /// Room for `maximumCharacters` code points and one more.
        let bytes: UnsafeMutablePointer<UInt8>
        let maximumCharacters: Int
        var count = 0
        var characters = 0

        init(bytes: UnsafeMutablePointer<UInt8>, splitter: WordPieceSplitter) {
            unsafe self.bytes = unsafe bytes
            maximumCharacters = splitter.maximumCharacters
        }

        @inline(__always)
        mutating func append(ascii byte: UInt8) {
            if characters < maximumCharacters {
                unsafe bytes[count] = byte
                count += 1
            }
            characters += 1
        }

        mutating func append(_ codePoint: UInt32) {
            if characters < maximumCharacters { unsafe count += UTF8Scalar.encode(codePoint, to: bytes + count) }
            characters += 1
        }

        /// Hands the word on and starts the next one.
        @inline(__always)
        mutating func flush(_ body: (UnsafeBufferPointer<UInt8>?) -> Void) {
            guard characters > 0 else { return }
            unsafe body(characters > maximumCharacters ? nil : UnsafeBufferPointer(start: bytes, count: count))
            count = 0
            characters = 0
        }
    }
}
