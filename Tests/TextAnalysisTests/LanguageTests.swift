import ApusTestSupport
import Testing

@testable import TextAnalysis

/// Scripts/oracles/lucene-tokens writes the terms with Lucene itself: GermanAnalyzer's and FrenchAnalyzer's filters, with
/// SnowballFilter in the place of the light stemmers. Scripts/oracles/snowball-stems writes the stems with Snowball's Python code.
@Suite struct LanguageTests {
    @Test(arguments: ["german", "french"])
    func termsEqualLucenesFiltersWithSnowball(language: String) throws {
        let lines: [TermsLine] = try OracleFile.lines(
            "lucene-\(language)-terms.jsonl", orIn: "APUS_LUCENE_\(language.uppercased())")
        #expect(lines.count > 200)
        let analyzer = Analyzer(try #require(Analyzer.Name(rawValue: language)))
        var different = 0
        for line in lines {
            let terms = analyzer.terms(in: line.text).map { Array($0.utf8) }
            if terms != line.terms.map({ Array($0.utf8) }) {
                different += 1
                if different <= 10 {
                    let wrong = zip(analyzer.terms(in: line.text), line.terms).first { $0 != $1 }
                    Issue.record("\(line.text.debugDescription): first \(String(describing: wrong))")
                }
            }
        }
        #expect(different == 0, "of \(lines.count) texts")
    }

    @Test func stemsEqualSnowballs() throws {
        let lines = try OracleFile.text("snowball-stems.tsv").split(separator: "\n")
        #expect(lines.count > 5000)
        let stemmers = ["german": SnowballStemmer("german"), "french": SnowballStemmer("french")]
        for line in lines {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let stem = try #require(stemmers[fields[0]]).stem(fields[1])
            #expect(Array(stem.utf8) == Array(fields[2].utf8), "\(fields[0]) \(fields[1]): \(stem), not \(fields[2])")
        }
    }

    /// The installed library is the one that the fixtures were made for; another one is named by its stems.
    @Test func theVersionNamesLibstemmers() throws {
        for name in ["german", "french"] {
            let version = Analyzer(try #require(Analyzer.Name(rawValue: name))).version
            #expect(version == "\(name)-1 snowball-2.2")
        }
        #expect(SnowballStemmer.version("german", known: 1).wholeMatch(of: /snowball-x[0-9a-f]{8}/) != nil)
        #expect(SnowballStemmer.version("klingon", known: 1) == "snowball-missing")
    }

    @Test func everyLanguageIsANameAndNoOtherIs() {
        #expect(Analyzer.Name.allCases.map(\.rawValue) == ["english", "unicode", "german", "french"])
        for name in Analyzer.Name.allCases {
            #expect(Analyzer.Name(rawValue: name.rawValue) == name)
            #expect(Analyzer(name).version.hasPrefix(name.rawValue + "-1"))
        }
        #expect(Analyzer.Name(rawValue: "klingon") == nil)
    }

    @Test(arguments: ["german", "french"])
    func spellingsMeet(language: String) throws {
        let analyzer = Analyzer(try #require(Analyzer.Name(rawValue: language)))
        let pairs =
            language == "german"
            ? [("Häuser", "Haeuser"), ("Straße", "STRASSEN"), ("GROẞ", "gross"), ("Müller", "mueller")]
            : [("l'avion", "AVIONS"), ("l’avion", "avion"), ("QU’ÉLÈVES", "élève"), ("jusqu'alors", "alors")]
        for (a, b) in pairs {
            #expect(analyzer.terms(in: a) == analyzer.terms(in: b) && !analyzer.terms(in: a).isEmpty)
        }
    }

    @Test func aSetOfStopWordsHoldsWhatItWasGiven() {
        let words = (0..<300).map { String("abcdefghijklmnop".prefix(1 + $0 % 16)) + "\($0)" }.filter {
            $0.utf8.count <= 16
        }
        let set = StopWords(words.joined(separator: " "))
        func contains(_ word: String) -> Bool {
            unsafe Array(word.utf8).withUnsafeBufferPointer { bytes in
                unsafe bytes.baseAddress.map { unsafe set.contains($0, count: bytes.count) } ?? false
            }
        }
        let all = Set(words)
        for word in words {
            for other in [word, word + "x", "x" + word, String(word.dropLast()), String(word.reversed())] {
                #expect(contains(other) == all.contains(other), "\(other)")
            }
        }
        #expect(!contains(""))
    }
}
