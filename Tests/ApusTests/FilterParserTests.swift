import Apus
import ApusTestSupport
import Foundation
import Testing

/// What a filter's text means, and what is said of one that means nothing.
@Suite struct FilterParserTests {
    @Test func aFilterReadsAsItIsWritten() throws {
        let read = try Filter(parsing: #"year >= 2020 AND lang = "en" AND NOT tags : "draft""#)
        let meant: Filter = .all([
            .compare("year", .atLeast, 2020), .compare("lang", .equal, "en"), .not(.contains("tags", "draft")),
        ])
        #expect(read == meant)
        #expect(
            try Filter(parsing: "a = 1 or b = 2 and not c = 3") == Filter(parsing: "a = 1 OR (b = 2 AND (NOT c = 3))"))
        #expect(
            try Filter(parsing: "a.b.`c.d` IN (1, -2.5e3, 'x')")
                == .isOne(MetadataPath("a", "b", "c.d"), of: [1, -2500, "x"]))
        #expect(try Filter(parsing: "a NOT IN (true, null)") == .not(.isOne("a", of: [true, .null])))
        #expect(try Filter(parsing: #"host ^= "docs.\u00e9\ud83e\udd89\n""#) == .hasPrefix("host", "docs.\u{E9}🦉\n"))
        #expect(try Filter(parsing: "a = 'caf\u{E9}'") != Filter(parsing: "a = 'cafe\u{301}'"))
        #expect(try Filter(parsing: "a = 2020.0") == Filter(parsing: "a = 2.02e3"))
        #expect(try Filter(parsing: "doc-type=1") == .compare("doc-type", .equal, 1))
    }

    @Test func whatIsPrintedReadsAsTheSame() throws {
        var random = SplitMix64(seed: 12)
        for _ in 0..<3_000 {
            let filter = FilterOracle.filter(&random)
            let read = try Filter(parsing: filter.description)
            #expect(read == filter, "\(filter)")
        }
        let coded = try JSONDecoder().decode([Filter].self, from: JSONEncoder().encode([Filter.exists("a b")]))
        #expect(coded == [.exists("a b")])
        #expect(try MetadataPath.list(parsing: "year, a.b,`x,y`") == ["year", MetadataPath("a", "b"), "x,y"])
    }

    @Test(arguments: [
        ("", 1, "a field"), ("year", 5, "a test"), ("year >=", 8, "a value"), ("year >= abc", 9, "a value"),
        ("year = 2020 lang = 'en'", 13, "AND, OR"), ("(year = 1", 10, "')'"), ("year = 'x", 10, "end of the text"),
        ("date > 2024-03-01", 12, "a date goes in quotes"), ("a IN (1, )", 10, "a value"), ("a IN 1", 6, "'('"),
        ("NOT", 4, "a field"), ("a < true", 5, "a number or a text"), ("a ^= 3", 6, "a text in quotes"),
        ("a..b = 1", 3, "a name"), ("in = 1", 1, "`…`"), ("a = '\\x'", 7, "one of the escapes"),
        ("é = '\\ud800'", 12, "surrogate"), ("a == 1", 4, "a value"), ("a = 1e", 7, "a digit"), ("`a = 1", 7, "'`'"),
    ])
    func aMistakeHasItsColumn(text: String, column: Int, expected: String) {
        let error = #expect(throws: FilterError.self) { try Filter(parsing: text) }
        #expect(error?.column == column && error?.expected.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test func aBoostIsAFilterWithAFactor() throws {
        let boost = try Boost(parsing: #"tags : "a:b" : 1.5"#.replacing(" : 1", with: ":1"))
        #expect(boost == Boost(.contains("tags", "a:b"), factor: 1.5))
        for text in ["a = 1", "a = 1:", "a = 1:0", "a = 1:-2", "a = 1:nan", "a = 1:1e9"] {
            #expect(throws: FilterError.self, "\(text)") { try Boost(parsing: text) }
        }
    }

    @Test func deepNestingIsRefused() {
        let text = String(repeating: "(", count: 100_000) + "a = 1"
        #expect(throws: FilterError.self) { try Filter(parsing: text) }
        #expect(throws: FilterError.self) { try Filter(parsing: String(repeating: "NOT ", count: 100_000) + "a = 1") }
    }
}
