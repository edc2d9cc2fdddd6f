import Foundation

extension TextNormalizer {
    /// The steps of `normalizer`; unknown ones are refused by name.
    static func list(_ file: TokenizerJSON) throws(TokenizerError) -> [TextNormalizer] {
        guard file.has("normalizer") else { return [] }
        return try list(of: file.object("normalizer"))
    }

    private static func list(of object: TokenizerJSON) throws(TokenizerError) -> [TextNormalizer] {
        switch try object.type() {
        case "Sequence":
            var steps: [TextNormalizer] = []
            for step in try object.objects("normalizers") { steps += try list(of: step) }
            return steps
        case "NFC": return [.unicode(isCompatible: false, isComposed: true)]
        case "NFD": return [.unicode(isCompatible: false, isComposed: false)]
        case "NFKC": return [.unicode(isCompatible: true, isComposed: true)]
        case "NFKD": return [.unicode(isCompatible: true, isComposed: false)]
        case "Lowercase": return [.lowercase]
        case "StripAccents": return [.stripAccents]
        case "Strip":
            return [.strip(left: object.bool("strip_left", or: true), right: object.bool("strip_right", or: true))]
        case "Prepend": return [.prepend(Array((object.string("prepend") ?? "").utf8))]
        case "Replace": return [try replacement(object)]
        case "Precompiled": return try precompiled(object)
        case let other:
            throw object.unsupported(
                "type", other,
                "NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Prepend, Replace, Precompiled or a Sequence")
        }
    }

    private static func replacement(_ object: TokenizerJSON) throws(TokenizerError) -> TextNormalizer {
        let pattern = try object.object("pattern")
        guard let content = object.string("content").map({ Array($0.utf8) }) else {
            throw object.malformed("'content' is missing")
        }
        if let text = pattern.string("String") { return .replace(Array(text.utf8), with: content) }
        let expression = pattern.string("Regex") ?? "nothing"
        guard expression == " {2,}" else {
            throw pattern.unsupported("Regex", "'\(expression)'", "' {2,}' or a String")
        }
        return .replaceSpaces(with: content)
    }

    private static func precompiled(_ object: TokenizerJSON) throws(TokenizerError) -> [TextNormalizer] {
        guard object.has("precompiled_charsmap") else { return [] }
        guard let text = object.string("precompiled_charsmap"), let data = Data(base64Encoded: text) else {
            throw object.malformed("'precompiled_charsmap' is no base64")
        }
        if data.isEmpty { return [] }
        guard let map = PrecompiledCharsMap([UInt8](data)) else {
            throw object.malformed("'precompiled_charsmap' is no trie with replacements")
        }
        return [.precompiled(map)]
    }
}

extension PreTokenizer {
    /// The steps of `pre_tokenizer`; unknown ones are refused by name.
    static func list(_ file: TokenizerJSON) throws(TokenizerError) -> [PreTokenizer] {
        guard file.has("pre_tokenizer") else { return [] }
        return try list(of: file.object("pre_tokenizer"))
    }

    private static func list(of object: TokenizerJSON) throws(TokenizerError) -> [PreTokenizer] {
        switch try object.type() {
        case "Sequence":
            var steps: [PreTokenizer] = []
            for step in try object.objects("pretokenizers") { steps += try list(of: step) }
            return steps
        case "ByteLevel":
            return [
                .byteLevel(
                    addsPrefixSpace: object.bool("add_prefix_space", or: true),
                    pattern: object.bool("use_regex", or: true) ? .gpt2 : nil)
            ]
        case "WhitespaceSplit": return [.whitespaceSplit]
        case "Metaspace":
            // Older files say only whether there is a prefix.
            let name =
                object.string("prepend_scheme") ?? (object.bool("add_prefix_space", or: true) ? "always" : "never")
            guard let scheme = PrependScheme(rawValue: name) else {
                throw object.unsupported("prepend_scheme", "'\(name)'", "always, first or never")
            }
            guard let mark = object.string("replacement"), !mark.isEmpty else {
                throw object.malformed("'replacement' is missing")
            }
            return [
                .metaspace(
                    replacement: Array(mark.utf8), scheme: scheme,
                    splits: object.bool("split", or: true))
            ]
        case "Split": return [try split(object)]
        case let other:
            throw object.unsupported("type", other, "ByteLevel, Metaspace, WhitespaceSplit, Split or a Sequence")
        }
    }

    private static func split(_ object: TokenizerJSON) throws(TokenizerError) -> PreTokenizer {
        let pattern = try object.object("pattern")
        let expression = pattern.string("Regex") ?? pattern.string("String") ?? "nothing"
        guard pattern.has("Regex"), let known = SplitPattern(expression: expression) else {
            throw object.unsupported("pattern", "'\(expression)'", "the expressions of GPT-2, Llama 3 and Qwen 2")
        }
        // The expressions match every character, so what lies between matches is empty.
        let behavior = object.string("behavior") ?? "Isolated"
        switch (behavior, object.bool("invert", or: false)) {
        case ("Isolated", _), ("Removed", true): return .split(known)
        case let (behavior, invert):
            throw object.unsupported("behavior", "\(behavior), invert \(invert)", "Isolated, or Removed and inverted")
        }
    }
}
