import ParallelWork
import TextAnalysis

extension Transformer {
    /// The weights that each pooled position of a text gives terms, before they are pooled into the text's own.
    ///
    /// The head takes every position for a text of its own, some at a time, so that it costs what the pooled vector costs.
    /// - Parameter ids: At most `workspace.tokens`.
    /// - Returns: Of each position that the head sees, the terms with a positive weight; nil for heads without scores of positions.
    func encodeEachPosition(
        _ ids: [Int32], _ workspace: Workspace
    ) -> (positions: Range<Int>, vectors: [(terms: [UInt32], weights: [Float])])? {
        guard case .language(let head) = head, configuration.pooling == .max, ids.count <= workspace.tokens else {
            return nil
        }
        let steps = LayerPrimitives(
            level: level, isRounded: precision != .f32, workspace: workspace, width: configuration.hiddenSize,
            epsilon: configuration.normEpsilon)
        let rows: Int
        switch backbone {
        case .absolute(let layers): rows = layers.run([ids], steps)
        case .rotary(let layers): rows = layers.run([ids], steps)
        case .none: return nil
        }
        guard rows > 0 else { return nil }
        let positions = pooled(ids.count)
        let kept = compact([ids], workspace)
        // What the head does to its rows it may do in place, and it begins at the first: each group is moved there.
        let (stride, hidden) = unsafe (workspace.stride, workspace.hidden.pointer)
        var vectors: [(terms: [UInt32], weights: [Float])] = []
        while vectors.count < kept {
            let (first, count) = (vectors.count, min(workspace.texts, kept - vectors.count))
            if first > 0 { unsafe hidden.update(from: hidden + first * stride, count: count * stride) }
            for row in 0..<count { unsafe workspace.textOfRow.pointer[row] = UInt32(row) }
            vectors += head.pool(count, texts: count, configuration, steps).map(withoutSpecialTerms)
        }
        return (positions, vectors)
    }
}

/// A word of a text, and what it gives some terms.
public struct WordWeights: Sendable {
    /// Where it stands, in bytes of the text's UTF-8.
    public let range: Range<Int>
    /// The terms that get their weight in the text's vector from this word, with it.
    public let terms: [(term: UInt32, weight: Float)]
}

extension TextEncoder {
    /// Which word of a text gives each of some terms the weight that it has in the text's vector.
    ///
    /// With max pooling a term's weight comes from one position; the words are those of the text between white space and
    /// punctuation, and a position belongs to the word whose tokens it is among.
    /// - Returns: Words with at least one term, in order; nil where tokens cannot be told apart by words (another kind of head or of
    ///   pooling, a tokenizer that joins words).
    func words(of text: String, giving terms: Set<UInt32>) -> [WordWeights]? {
        guard transformer.frame.separator == nil, !tokenizer.applied.truncatesLeft else { return nil }
        let encoding = transformer.frame.encode(text, tokenizer, maximumLength: configuration.maximumLength)
        let found = workspaces.withObject { transformer.encodeEachPosition(encoding.ids, $0) }
        guard let found, let owners = owners(of: encoding.ids, in: text) else { return nil }
        var best: [UInt32: (place: Int, weight: Float)] = [:]
        for (place, vector) in found.vectors.enumerated() {
            for (term, weight) in zip(vector.terms, vector.weights) where terms.contains(term) {
                if weight > best[term]?.weight ?? 0 { best[term] = (found.positions.lowerBound + place, weight) }
            }
        }
        var given: [Int: [(term: UInt32, weight: Float)]] = [:]
        for (term, source) in best.sorted(by: { $0.key < $1.key }) {
            if let owner = owners.ofToken[source.place] { given[owner, default: []].append((term, source.weight)) }
        }
        return given.keys.sorted().map { WordWeights(range: owners.words[$0], terms: given[$0] ?? []) }
    }

    /// Where runs of a text's own tokens lie, from the word of the first to that of the last; nil where words cannot be told apart.
    /// - Parameter ids: The tokens of the whole text, without special ones.
    func places(of ids: [Int32], in text: String) -> (Range<Int>) -> Range<Int>? {
        let (words, owners) = ownTokens(of: text, atLeast: ids.count)
        guard owners.count >= ids.count,
            owners.prefix(ids.count).elementsEqual(ids, by: { $0.id == $1 })
        else { return { _ in nil } }
        return { tokens in
            guard !tokens.isEmpty, tokens.upperBound <= ids.count else { return nil }
            let (first, last) = (owners[tokens.lowerBound].word, owners[tokens.upperBound - 1].word)
            return words[first].lowerBound..<words[last].upperBound
        }
    }

    /// The words of a text, and its tokens as its words give them, with the number of the word that each is of.
    private func ownTokens(of text: String, atLeast count: Int) -> (
        words: [Range<Int>], tokens: [(id: Int32, word: Int)]
    ) {
        let words = Self.words(text)
        let bytes = Array(text.utf8)
        var tokens: [(id: Int32, word: Int)] = []
        for (number, word) in words.enumerated() where tokens.count < count {
            let spelled = String(decoding: bytes[word], as: UTF8.self)
            let pieces = tokenizer.encode(spelled, maximumLength: nil, addingSpecialTokens: false).ids
            tokens += pieces.map { ($0, number) }
        }
        return (words, tokens)
    }

    /// The words of a text, and of each token the word that it is of; nil where the words' tokens are not the text's.
    private func owners(of ids: [Int32], in text: String) -> (words: [Range<Int>], ofToken: [Int?])? {
        let room = ids.count - tokenizer.prefixIDs.count - tokenizer.suffixIDs.count
        let (words, own) = ownTokens(of: text, atLeast: ids.count)
        guard room >= 0, own.count >= room,
            own.prefix(room).elementsEqual(ids.dropFirst(tokenizer.prefixIDs.count).prefix(room), by: { $0.id == $1 })
        else { return nil }
        let owner = [Int?](repeating: nil, count: tokenizer.prefixIDs.count) + own.prefix(room).map { $0.word }
        return (words, owner + [Int?](repeating: nil, count: ids.count - owner.count))
    }

    /// What stands between white space and punctuation, and every sign of punctuation and ideograph alone: as BERT's tokenizers cut, before
    /// they look into the vocabulary.
    private static func words(_ text: String) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var (position, start) = (0, 0)
        for scalar in text.unicodeScalars {
            let width = UTF8.width(scalar)
            let isSpace = scalar.properties.isWhitespace
            if isSpace || standsAlone(scalar) {
                if start < position { words.append(start..<position) }
                if !isSpace { words.append(position..<position + width) }
                start = position + width
            }
            position += width
        }
        if start < position { words.append(start..<position) }
        return words
    }

    private static func standsAlone(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return !(scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)) }
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation,
            .otherPunctuation:
            return true
        default: return scalar.properties.isIdeographic
        }
    }
}

extension SparseEncoder {
    /// Which word of a document gives each of some terms the weight that it has in the document's vector.
    ///
    /// Source of the reading: with max pooling (Formal et al., "SPLADE v2", 2021, eq. 1) each weight is one position's.
    /// - Parameters:
    ///   - text: The document; what the encoder has no room for gives nothing.
    ///   - terms: Terms of the vocabulary, those of a query.
    /// - Returns: Words with at least one term, in order; nil for models of which it cannot be told.
    /// - Complexity: As encoding the document.
    public func words(of text: String, giving terms: Set<UInt32>) -> [WordWeights]? {
        documents.words(of: prompts.document + text, giving: terms).map { words in
            let prompt = prompts.document.utf8.count
            return words.filter { $0.range.lowerBound >= prompt }.map {
                WordWeights(range: $0.range.lowerBound - prompt..<$0.range.upperBound - prompt, terms: $0.terms)
            }
        }
    }
}
