import CICU

/// One step that rewrites a text before it is cut into words; the names are those of `tokenizer.json`.
enum TextNormalizer: Sendable, Equatable {
    case unicode(isCompatible: Bool, isComposed: Bool)
    case lowercase
    case stripAccents
    /// Takes white space away at the ends.
    case strip(left: Bool, right: Bool)
    /// Puts bytes before a text that is not empty.
    case prepend([UInt8])
    case replace([UInt8], with: [UInt8])
    /// The expression ` {2,}`: runs of two spaces or more.
    case replaceSpaces(with: [UInt8])
    case precompiled(PrecompiledCharsMap)

    func apply(_ text: [UInt8]) -> [UInt8] {
        switch self {
        case .unicode(let isCompatible, let isComposed):
            // ASCII is in every form already.
            return text.allSatisfy { $0 < 0x80 } ? text : Self.unicode(text, isCompatible, isComposed)
        case .lowercase:
            return Self.mapScalars(text) { c, append in
                if c == 0x130 {
                    append(0x69)
                    append(0x307)
                } else {
                    append(UInt32(bitPattern: apus_u_tolower(Int32(bitPattern: c))))
                }
            }
        case .stripAccents:
            return Self.mapScalars(text) { c, append in
                if apus_u_charType(Int32(bitPattern: c)) != apus_NON_SPACING_MARK { append(c) }
            }
        case .strip(let left, let right): return Self.strip(text, left, right)
        case .prepend(let bytes): return text.isEmpty ? text : bytes + text
        case .replace(let pattern, let content): return Self.replace(text, pattern, content)
        case .replaceSpaces(let content): return Self.replaceSpaces(text, content)
        case .precompiled(let map): return map.normalize(text)
        }
    }

    private static func unicode(_ text: [UInt8], _ isCompatible: Bool, _ isComposed: Bool) -> [UInt8] {
        let source = Array(String(decoding: text, as: UTF8.self).utf16)
        func run(_ capacity: Int) -> (units: [UInt16], needed: Int) {
            var needed = 0
            let units = unsafe [UInt16](unsafeUninitializedCapacity: capacity) { buffer, count in
                needed = unsafe Int(
                    apus_normalize(
                        isCompatible, isComposed, source, Int32(source.count), buffer.baseAddress, Int32(capacity)))
                count = max(0, min(needed, capacity))
            }
            return (units, needed)
        }
        var result = run(source.count + source.count / 2 + 16)
        if result.needed > result.units.count { result = run(result.needed) }
        return result.needed < 0 ? text : Array(String(decoding: result.units, as: UTF16.self).utf8)
    }

    private static func mapScalars(_ text: [UInt8], _ body: (UInt32, (UInt32) -> Void) -> Void) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            body(scalar.value) { c in
                if let scalar = Unicode.Scalar(c) { result.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
            }
        }
        return result
    }

    private static func strip(_ text: [UInt8], _ left: Bool, _ right: Bool) -> [UInt8] {
        var scalars = Substring(String(decoding: text, as: UTF8.self)).unicodeScalars
        func isSpace(_ scalar: Unicode.Scalar?) -> Bool {
            scalar.map { BERTNormalizer.isWhitespace($0.value) } ?? false
        }
        while left, isSpace(scalars.first) { scalars.removeFirst() }
        while right, isSpace(scalars.last) { scalars.removeLast() }
        return Array(String(scalars).utf8)
    }

    private static func replace(_ text: [UInt8], _ pattern: [UInt8], _ content: [UInt8]) -> [UInt8] {
        guard let first = pattern.first, text.contains(first) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            if text[position] == first, text[position...].starts(with: pattern) {
                result.append(contentsOf: content)
                position += pattern.count
            } else {
                result.append(text[position])
                position += 1
            }
        }
        return result
    }

    private static func replaceSpaces(_ text: [UInt8], _ content: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            let run = text[position...].prefix { $0 == 0x20 }.count
            if run >= 2 {
                result.append(contentsOf: content)
                position += run
            } else {
                result.append(text[position])
                position += 1
            }
        }
        return result
    }
}
