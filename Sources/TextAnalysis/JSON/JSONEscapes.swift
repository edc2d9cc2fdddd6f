/// Resolves the escapes of a JSON string.
enum JSONEscapes {
    /// The text between the quotes; nil for an unknown escape, half a surrogate pair, or bytes that are not UTF-8.
    static func text(_ raw: some Sequence<UInt8>) -> String? {
        guard let text = String(validating: raw, as: UTF8.self) else { return nil }
        var units: [UInt16] = []
        var rest = Substring(text).utf16
        while let unit = rest.popFirst() {
            guard unit == 0x5C else {
                units.append(unit)
                continue
            }
            switch rest.popFirst().flatMap(Unicode.Scalar.init) {
            case "\"": units.append(0x22)
            case "\\": units.append(0x5C)
            case "/": units.append(0x2F)
            case "b": units.append(0x08)
            case "f": units.append(0x0C)
            case "n": units.append(0x0A)
            case "r": units.append(0x0D)
            case "t": units.append(0x09)
            case "u":
                let digits = rest.prefix(4)
                guard digits.count == 4, digits.allSatisfy({ isHexadecimal($0) }),
                    let unit = UInt16(String(Substring(digits)), radix: 16)
                else { return nil }
                units.append(unit)
                rest = rest.dropFirst(4)
            default: return nil
            }
        }
        return String(validating: units, as: UTF16.self)
    }

    /// `UInt16(_:radix:)` takes a sign too.
    private static func isHexadecimal(_ unit: UInt16) -> Bool {
        (0x30...0x39).contains(unit) || (0x61...0x66).contains(unit | 0x20)
    }
}
