import ApusTestSupport
import Foundation
import Testing

@testable import LearnedEncoder

/// What a family of models has of its own stands in its file of `Architectures`.
@Suite struct ArchitectureTests {
    @Test func nothingOutsideArchitecturesNamesAFamily() throws {
        let sources = TestPaths.root + "/Sources/LearnedEncoder"
        let files = try #require(FileManager.default.enumerator(atPath: sources))
        let family =
            /(?i)\bfamily\b|distil|roberta|modern_?bert|\bgte|llama(?!3)|mistral|qwen|\bbert\b|architecture\s*==|modelClass\s*==/
        var seen = 0
        for case let file as String in files where file.hasSuffix(".swift") && !file.hasPrefix("Architectures/") {
            seen += 1
            let text = try String(contentsOfFile: sources + "/" + file, encoding: .utf8)
            for line in text.split(separator: "\n") {
                // Comments may name a paper or an example.
                let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
                #expect(code.firstMatch(of: family) == nil, "\(file): \(line)")
            }
        }
        #expect(seen > 30)
    }

    @Test func everyClassAndTypeIsOfOneFamily() {
        let classes = Architectures.classes
        #expect(Set(classes.map(\.name)).count == classes.count)
        let types = classes.compactMap(\.type)
        #expect(Set(types).count == types.count)
        for family in Architectures.all {
            #expect(family.classes.contains { $0.hasLanguageHead })
            #expect(family.classes.allSatisfy { $0.architecture == family })
            for known in family.tokenWeightClasses { #expect(family.classes.contains { $0.name == known.base }) }
        }
    }
}
