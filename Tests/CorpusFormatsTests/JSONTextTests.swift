import ApusTestSupport
import JSONScanning
import Testing

/// Strings as JSON, against writing them scalar by scalar.
@Suite struct JSONTextTests {
    private static func slowly(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": json += "\\\""
            case "\\": json += "\\\\"
            case "\n": json += "\\n"
            case "\r": json += "\\r"
            case "\t": json += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }

    /// Lengths around eight bytes, with what needs an escape, its neighbours and bytes beyond ASCII at every place.
    @Test func everyPlaceIsLookedAt() {
        var random = SplitMix64(seed: 8)
        let rare: [Unicode.Scalar] = [
            "\"", "\\", "\n", "\t", "\u{0}", "\u{1F}", "!", "#", "[", "]", "\u{7F}", "\u{80}", "ä", "𝄞",
        ]
        for length in 0..<40 {
            for share in [0, 1, 8] {
                for _ in 0..<40 {
                    var text = String.UnicodeScalarView()
                    for _ in 0..<length {
                        let isRare = share > 0 && Int.random(in: 0..<(share * 8), using: &random) < 4
                        text.append(isRare ? rare.randomElement(using: &random) ?? "a" : "a")
                    }
                    let (found, expected) = (JSONText.quoted(String(text)), Self.slowly(String(text)))
                    #expect(Array(found.utf8) == Array(expected.utf8))
                }
            }
        }
    }

    @Test func whatStandsBeforeStays() {
        var json = "{\"a\":"
        JSONText.append("x\ny", to: &json)
        #expect(json == "{\"a\":\"x\\ny\"")
    }
}
