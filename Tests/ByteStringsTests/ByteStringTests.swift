import ByteStrings
import Foundation
import Testing

/// Ids, tokens and terms are bytes: what Unicode calls equivalent stays two.
@Suite struct ByteStringTests {
    private static let composed = "caf\u{E9}", decomposed = "cafe\u{301}"

    @Test func twoSpellingsAreTwoKeys() {
        #expect(Self.composed == Self.decomposed)  // The trap.
        let keys: Set<ByteString> = [ByteString(Self.composed), ByteString(Self.decomposed)]
        #expect(keys.count == 2)
        #expect(keys.contains(ByteString(Self.composed)))
    }

    @Test func theOrderIsThatOfTheBytes() {
        // U+FFFD sorts before U+10000 by bytes, behind it by UTF-16 units.
        let sorted = ["\u{10000}", "b", "\u{FFFD}", "", "a\u{301}", "\u{E1}", "ab"].map { ByteString($0) }.sorted()
        #expect(sorted.map { $0.string.unicodeScalars.first?.value } == [nil, 0x61, 0x61, 0x62, 0xE1, 0xFFFD, 0x10000])
        #expect(sorted[1].string == "ab")
    }

    @Test func bridgedAndNativeTextsAreTheSameKey() {
        let bytes: [UInt8] = Array("naïve 東京 of more than fifteen bytes".utf8)
        let native = ByteString(String(decoding: bytes, as: UTF8.self))
        let bridged = String(data: Data(bytes), encoding: .utf8).map { ByteString($0) }
        #expect(bridged.map { Set([native]).contains($0) } == true)
    }

    @Test func aDictionaryIsAnObject() throws {
        let json = try JSONEncoder().encode([ByteString("a"): 1])
        #expect(String(decoding: json, as: UTF8.self) == #"{"a":1}"#)
        #expect(try JSONDecoder().decode([ByteString: Int].self, from: json) == ["a": 1])
    }
}
