import JSONScanning

extension SubwordTokenizer {
    /// What ``VocabularyScanner`` read.
    enum StoredVocabulary {
        case ids([(String, Int)])
        case scores([(String, Double)])
    }

    init(
        _ file: TokenizerJSON, _ model: TokenizerJSON, _ vocabulary: StoredVocabulary
    ) throws(TokenizerError) {
        let normalizers = try TextNormalizer.list(file)
        let preTokenizers = try PreTokenizer.list(file)
        let isByteLevel = preTokenizers.contains { if case .byteLevel = $0 { true } else { false } }
        let added = try Self.addedTokens(file, normalizers)
        let pairs: [(String, Int)]
        switch vocabulary {
        case .scores(let pieces):
            guard !isByteLevel else {
                throw model.unsupported("type", "Unigram over ByteLevel", "Unigram over Metaspace")
            }
            self.model = .unigram(try Self.unigram(model, pieces))
            pairs = pieces.enumerated().map { ($1.0, $0) }
        case .ids(let tokens):
            if let (token, id) = tokens.first(where: { $0.1 >= 1 << 24 }) {
                throw model.malformed("token '\(token)' has id \(id)")
            }
            self.model = .bpe(try Self.bpe(model, tokens, isByteLevel: isByteLevel))
            pairs = tokens
        }
        self.normalizers = normalizers
        self.preTokenizers = preTokenizers
        self.vocabulary = try Self.tokens(file, pairs + added.map { ($0.content, Int($0.token.id)) })
        rawAddedTokens = AddedTokenFinder(added.filter { !$0.isNormalized }.map(\.token))
        normalizedAddedTokens = AddedTokenFinder(added.filter(\.isNormalized).map(\.token))
        specialIDs = Set(added.filter(\.isSpecial).map(\.token.id))
        (prefixIDs, suffixIDs) = try Self.template(file, tokens: self.vocabulary)
    }

    private struct Added {
        let content: String
        let token: AddedToken
        let isNormalized: Bool
        let isSpecial: Bool
    }

    private static func addedTokens(
        _ file: TokenizerJSON, _ normalizers: [TextNormalizer]
    ) throws(TokenizerError) -> [Added] {
        var tokens: [Added] = []
        for object in try file.objects("added_tokens") {
            guard let content = object.string("content"), let id = object.integer("id"), (0..<1 << 24).contains(id)
            else { throw object.malformed("a token has no content or no id") }
            guard !object.bool("single_word", or: false) else {
                throw object.unsupported("single_word", "true for '\(content)'", "false")
            }
            guard !content.isEmpty else { continue }
            let isNormalized = object.bool("normalized", or: false)
            let bytes = isNormalized ? normalizers.reduce(Array(content.utf8)) { $1.apply($0) } : Array(content.utf8)
            tokens.append(
                Added(
                    content: content,
                    token: AddedToken(
                        id: Int32(id), content: bytes, stripsLeft: object.bool("lstrip", or: false),
                        stripsRight: object.bool("rstrip", or: false)),
                    isNormalized: isNormalized, isSpecial: object.bool("special", or: false)))
        }
        return tokens
    }

    /// The tokens by id; ids without a token are called as the rows of the checkpoint.
    private static func tokens(_ file: TokenizerJSON, _ pairs: [(String, Int)]) throws(TokenizerError) -> [String] {
        let count = (pairs.map(\.1).max() ?? -1) + 1
        guard count <= pairs.count + 100_000 else {
            throw file.malformed("the highest id is \(count - 1), but there are only \(pairs.count) tokens")
        }
        var tokens = [String?](repeating: nil, count: count)
        for (token, id) in pairs {
            if let other = tokens[id], !other.utf8.elementsEqual(token.utf8) {
                throw file.malformed("tokens '\(other)' and '\(token)' both have id \(id)")
            }
            tokens[id] = token
        }
        return tokens.enumerated().map { $1 ?? "[row \($0)]" }
    }

    // MARK: Models

    private static func bpe(
        _ model: TokenizerJSON, _ vocabulary: [(String, Int)], isByteLevel: Bool
    ) throws(TokenizerError) -> BPEModel {
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let found = model.string(key), !found.isEmpty { throw model.unsupported(key, "'\(found)'", "none") }
        }
        if let dropout = model.value["dropout"]?.number, !(dropout <= 0) {
            throw model.unsupported("dropout", "\(dropout)", "none")
        }
        var table = ByteTable(count: vocabulary.count)
        for (token, id) in vocabulary {
            // Added tokens of a byte-level vocabulary may be written in characters that stand for no byte.
            guard let bytes = isByteLevel ? ByteAlphabet.decode(token) : Array(token.utf8) else { continue }
            if let other = table.insert(bytes, id: Int32(id)) {
                throw .duplicateToken(path: model.path, token: token, ids: [Int(other), id])
            }
        }
        let unknown = model.string("unk_token")
        let unknownID = unknown.flatMap { name in
            vocabulary.first { $0.0.utf8.elementsEqual(name.utf8) }.map { Int32($0.1) }
        }
        if let unknown, unknownID == nil { throw .missingToken(path: model.path, token: unknown) }
        return try BPEModel(
            tokens: table, merges: merges(model), isByteLevel: isByteLevel,
            ignoresMerges: model.bool("ignore_merges", or: false), unknownID: unknownID,
            fusesUnknown: model.bool("fuse_unk", or: false),
            byteIDs: model.bool("byte_fallback", or: false) ? byteIDs(table) : [],
            decode: { isByteLevel ? ByteAlphabet.decode($0) : Array($0.utf8) }, path: model.path)
    }

    /// Pairs, or strings with a space between the two.
    private static func merges(_ model: TokenizerJSON) throws(TokenizerError) -> [(String, String)] {
        guard let list = model.value["merges"]?.elements else { throw model.malformed("'merges' is no list of pairs") }
        var merges: [(String, String)] = []
        merges.reserveCapacity(list.count)
        for merge in list {
            if let pair = merge.elements {
                guard pair.count == 2, let left = pair[0].string, let right = pair[1].string else {
                    throw model.malformed("a merge has \(pair.count) parts instead of 2 texts")
                }
                merges.append((left, right))
            } else {
                guard let line = merge.string else { throw model.malformed("'merges' is no list of pairs") }
                let parts = line.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
                guard parts.count == 2 else { throw model.malformed("merge '\(line)' is no pair") }
                merges.append((String(Substring(parts[0])), String(Substring(parts[1]))))
            }
        }
        return merges
    }

    private static func unigram(
        _ model: TokenizerJSON, _ pieces: [(String, Double)]
    ) throws(TokenizerError) -> UnigramModel {
        var table = ByteTable(count: pieces.count)
        for (id, (piece, score)) in pieces.enumerated() {
            guard score.isFinite else { throw model.malformed("the score of piece \(id) is not finite") }
            if !piece.isEmpty, let other = table.insert(piece.utf8, id: Int32(id)) {
                throw .duplicateToken(path: model.path, token: piece, ids: [Int(other), id])
            }
        }
        let unknown = model.integer("unk_id")
        if let unknown, !pieces.indices.contains(unknown) {
            throw model.malformed("unk_id is \(unknown), but there are only \(pieces.count) pieces")
        }
        return UnigramModel(
            tokens: table, scores: pieces.map(\.1), unknownID: unknown.map { Int32($0) },
            byteIDs: model.bool("byte_fallback", or: false) ? byteIDs(table) : [])
    }

    private static func byteIDs(_ table: ByteTable) -> [Int32] {
        let digits = Array("0123456789ABCDEF".utf8)
        return (0..<256).map { byte in
            table.id(Array("<0x".utf8) + [digits[byte >> 4], digits[byte & 15]] + Array(">".utf8)) ?? -1
        }
    }

    // MARK: Template

    /// The special tokens before and after a text.
    private static func template(_ file: TokenizerJSON, tokens: [String]) throws(TokenizerError) -> ([Int32], [Int32]) {
        guard file.has("post_processor") else { return ([], []) }
        let object = try file.object("post_processor")
        let steps = try object.type() == "Sequence" ? object.objects("processors") : [object]
        var template: ([Int32], [Int32])?
        for step in steps {
            let found: ([Int], [Int])
            switch try step.type() {
            case "ByteLevel": continue  // changes offsets only
            case "RobertaProcessing", "BertProcessing": found = ([try pairID(step, "cls")], [try pairID(step, "sep")])
            case "TemplateProcessing": found = try step.template()
            case let other:
                throw step.unsupported(
                    "type", other, "TemplateProcessing, RobertaProcessing, BertProcessing, ByteLevel or a Sequence")
            }
            guard template == nil else { throw object.unsupported("processors", "two templates", "one") }
            if let id = (found.0 + found.1).first(where: { !tokens.indices.contains($0) }) {
                throw step.malformed("id \(id) is beyond the \(tokens.count) tokens")
            }
            template = (found.0.map { Int32($0) }, found.1.map { Int32($0) })
        }
        return template ?? ([], [])
    }

    private static func pairID(_ step: TokenizerJSON, _ key: String) throws(TokenizerError) -> Int {
        guard let pair = step.value[key]?.elements, pair.count == 2, let id = pair[1].integer else {
            throw step.malformed("'\(key)' is no token with an id")
        }
        return id
    }
}

/// The characters by which a byte-level vocabulary writes bytes: printable ones stand for themselves, the others for
/// U+0100 and what follows.
enum ByteAlphabet {
    private static let bytes: [UInt32: UInt8] = {
        var table: [UInt32: UInt8] = [:]
        var next: UInt32 = 0x100
        for byte in UInt32(0)...255 {
            if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE {
                table[byte] = UInt8(byte)
            } else {
                table[next] = UInt8(byte)
                next += 1
            }
        }
        return table
    }()

    /// The bytes that a token stands for; nil when a character is none of the alphabet.
    static func decode(_ token: String) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in token.unicodeScalars {
            guard let byte = bytes[scalar.value] else { return nil }
            result.append(byte)
        }
        return result
    }
}
