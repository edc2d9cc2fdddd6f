import ApusTestSupport
import Foundation
import Testing

@testable import TextAnalysis

/// The fixtures are written by Scripts/oracles/lucene-tokens.
@Suite struct AnalyzerTests {
    /// With `APUS_LUCENE_TERMS=file` another file of the same form is compared, such as one of a whole collection.
    @Test func englishEqualsLucene() throws {
        let lines: [TermsLine] = try OracleFile.lines("lucene-english-terms.jsonl", orIn: "APUS_LUCENE_TERMS")
        #expect(lines.count > 1000)
        let analyzer = Analyzer(.english)
        var different = 0
        for line in lines {
            let terms = analyzer.terms(in: line.text)
            if terms != line.terms {
                different += 1
                if different <= 10 { Issue.record("\(line.text.debugDescription): \(terms), Lucene \(line.terms)") }
            }
        }
        #expect(different == 0, "of \(lines.count) texts")
    }

    /// Every code point at the border of a run of equals, and one within.
    ///
    /// Lucene's grammar has the data of Unicode 9. ICU's are newer, so what came later is not compared, nor are the few
    /// whose class Unicode has changed since: tone letters, Armenian marks and code points reserved for pictographs.
    @Test func codePointsHaveLucenesClasses() throws {
        let lines = try OracleFile.text("lucene-word-classes.txt").split(separator: "\n")
        let probes = lines[0].unicodeScalars.split(separator: "|").map { Array($0) }
        let isExhaustive = ProcessInfo.processInfo.environment["APUS_ALL_CODE_POINTS"] != nil
        let changed: [ClosedRange<UInt32>] = [
            0x2E5...0x2EB, 0x55A...0x55A, 0x55F...0x55F, 0x58A...0x58A, 0xA708...0xA716, 0x1FB93...0x1FB93,
            0x1FBCB...0x1FBEF, 0x1FBFA...0x1FBFF,
        ]
        var different = 0
        for line in lines.dropFirst() {
            let fields = line.split(separator: " ")
            let first = try #require(UInt32(fields[0], radix: 16))
            let last = try #require(UInt32(fields[1], radix: 16))
            let codePoints = isExhaustive ? Array(first...last) : [first, (first + last) / 2, last]
            for scalar in codePoints.compactMap(Unicode.Scalar.init) {
                if changed.contains(where: { $0.contains(scalar.value) }) || WordClass.age(scalar.value) > 9 {
                    continue
                }
                let found = probes.map { words(in: $0.map { $0 == "_" ? scalar : $0 }) }.joined(separator: "|")
                guard found != fields[2] else { continue }
                different += 1
                if different <= 40 {
                    Issue.record("\(String(scalar.value, radix: 16)): \(found), Lucene \(fields[2])")
                }
            }
        }
        #expect(different == 0)
    }

    /// Where words begin and end, counted in code points from `0`, one character each.
    private func words(in scalars: [Unicode.Scalar]) -> String {
        var text = String(String.UnicodeScalarView(scalars))
        var offsets: [Int: Int] = [text.utf8.count: scalars.count]
        var offset = 0
        for (index, scalar) in scalars.enumerated() {
            offsets[offset] = index
            offset += UTF8.width(scalar)
        }
        return text.withUTF8 { bytes in
            var result = ""
            var position = 0
            while let word = unsafe WordTokenizer(bytes).nextWord(from: position) {
                for end in [word.lowerBound, word.upperBound] {
                    result.unicodeScalars.append(Unicode.Scalar(UInt8(0x30 + (offsets[end] ?? 9))))
                }
                position = word.upperBound
            }
            return result
        }
    }

    @Test(arguments: Analyzer.Name.allCases, 0..<20 as Range<UInt64>)
    func fastPathEqualsGeneralPath(name: Analyzer.Name, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let analyzer = Analyzer(name)
        let pieces =
            [
                "'", "'", ".", ",", ";", ":", "_", "_", " ", "\"", "-", "/", "'s", "'S", "s", "y", "1", "27", "#", "\t",
                "\0",
            ]
            + ["ing", "ed", "ational", "The", "and", "a", "B", "xyz", "sses", "ies", "\u{7F}", "ll", "e", "tt"]
        for _ in 0..<100 {
            var text = ""
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                text += pieces.randomElement(using: &random) ?? ""
                if Int.random(in: 0..<200, using: &random) == 0 {
                    text += String(repeating: ["a", "_", "1", "."].randomElement(using: &random) ?? "", count: 254)
                }
            }
            compareTwins(analyzer, text)
        }
    }

    @Test func fastPathEqualsGeneralPathForAllShortTexts() {
        let alphabet = Array("aS1_.':,; ")
        for length in 0...4 {
            for number in 0..<Int(pow(10, Double(length))) {
                var rest = number
                var text = ""
                for _ in 0..<length {
                    text.append(alphabet[rest % 10])
                    rest /= 10
                }
                compareTwins(Analyzer(.english), text)
            }
        }
    }

    private func compareTwins(_ analyzer: Analyzer, _ text: String) {
        var (fast, general) = (TermBuffer(), TermBuffer())
        analyzer.analyze(text, into: &fast)
        analyzer.analyze(text, into: &general, asciiFastPath: false)
        if fast.bytes != general.bytes || fast.ends != general.ends {
            Issue.record("\(text.debugDescription): \(fast.strings), general path \(general.strings)")
        }
    }

    @Test func unicodeKeepsStopWordsAndEndings() {
        let analyzer = Analyzer(.unicode)
        #expect(analyzer.terms(in: "The Foxes' running") == ["the", "foxes", "running"])
        #expect(analyzer.terms(in: "ΣΊΣΥΦΟΣ Straße İx") == ["σίσυφος", "straße", "i\u{307}x"])
        #expect(analyzer.terms(in: "日本 ไทย 1.5") == ["日", "本", "ไทย", "1.5"])
    }

    @Test func longestGrowthOfLowerCaseFits() {
        // Two bytes become three.
        let text = String(repeating: "ȺȾİ ", count: 50)
        #expect(Analyzer(.english).terms(in: text).count == 50)
        #expect(Analyzer(.unicode).terms(in: text).allSatisfy { $0 == "ⱥⱦi\u{307}" })
        #expect(Analyzer(.english).terms(in: "Ⱥ") == ["ⱥ"])
    }

    @Test func aBufferIsAppendedTo() {
        var terms = TermBuffer()
        let analyzer = Analyzer(.english)
        analyzer.analyze("one two", into: &terms)
        analyzer.analyze("", into: &terms)
        analyzer.analyze("the", into: &terms)
        analyzer.analyze("drei für", into: &terms)
        #expect(terms.strings == ["on", "two", "drei", "für"])
        #expect(terms.count == 4)
        #expect(terms[3] == "für")
        terms.removeAll(keepingCapacity: true)
        #expect(terms.strings.isEmpty)
        #expect(terms.bytes.isEmpty)
    }

    @Test func versionsAreNamed() {
        #expect(Analyzer(.english).version == "english-1")
        #expect(Analyzer.unicodeVersion.wholeMatch(of: /icu-\d+\.\d+/) != nil)
    }

    @Test func manyThreadsGetTheSameTerms() async {
        let text = "Running naïve 日本 cafés' 😀 tests"
        let expected = Analyzer(.english).terms(in: text)
        await withTaskGroup(of: [String].self) { group in
            for _ in 0..<50 { group.addTask { Analyzer(.english).terms(in: text) } }
            for await terms in group { #expect(terms == expected) }
        }
    }
}
