import ApusTestSupport
import Foundation
import Testing

/// What a reader is told can be done: files that are linked to are there, and flags that are named exist.
@Suite struct DocumentationTests {
    private static let articles = "Sources/Apus/Documentation.docc"

    /// Paths of the documents from the root, README first.
    private static func documents() throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: TestPaths.root + "/" + articles)
        let found = names.filter { $0.hasSuffix(".md") }.sorted().map { articles + "/" + $0 }
        try #require(!found.isEmpty)
        return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] + found
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: TestPaths.root + "/" + path, encoding: .utf8)
    }

    @Test func theReadmeIsShort() throws {
        var lines = try Self.text("README.md").split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        #expect(lines.count <= 120)
        for line in lines { #expect(line.count <= 130, "\(line)") }
    }

    @Test func everyLinkLeadsToAFile() throws {
        for path in try Self.documents() {
            let text = try Self.text(path)
            let folder = (path as NSString).deletingLastPathComponent
            for match in text.matches(of: #/\]\(([^)\s]+)\)/#) {
                let target = match.output.1.prefix { $0 != "#" }
                if target.isEmpty || target.contains("://") { continue }
                let file = [TestPaths.root, folder, String(target)].filter { !$0.isEmpty }.joined(separator: "/")
                #expect(FileManager.default.fileExists(atPath: file), "\(path) links to \(target)")
            }
            for match in text.matches(of: #/<doc:([A-Za-z]+)>/#) {
                let file = "\(TestPaths.root)/\(Self.articles)/\(match.output.1).md"
                #expect(FileManager.default.fileExists(atPath: file), "\(path) links to \(match.output.1)")
            }
        }
    }

    /// Verbs with the flags that a piece of code gives them; what follows a `#` is a comment.
    private static func calls(in code: Substring) -> [(verb: [String], flags: [String])] {
        var calls: [(verb: [String], flags: [String])] = []
        for line in code.replacing("\\\n", with: " ").split(separator: "\n") {
            for command in line.prefix(upTo: line.firstRange(of: " #")?.lowerBound ?? line.endIndex)
                .split(whereSeparator: { "|;&".contains($0) })
            {
                let words = command.split(whereSeparator: \.isWhitespace).map(String.init)
                guard let start = words.firstIndex(where: { $0 == "apus" || $0.hasSuffix("/apus") }) else { continue }
                var verb = words[(start + 1)...].prefix { $0.wholeMatch(of: #/[a-z]+/#) != nil }.prefix(1).map { $0 }
                if verb == ["model"], start + 2 < words.count, words[start + 2].wholeMatch(of: #/[a-z]+/#) != nil {
                    verb.append(words[start + 2])
                }
                guard let first = verb.first, first != "help" else { continue }
                let flags = words[start...].filter { $0.wholeMatch(of: #/--?[a-z][a-z0-9-]*/#) != nil }
                calls.append((verb, flags))
            }
        }
        return calls
    }

    /// Fenced blocks and code spans; a span may run over the end of a line.
    private static func code(in text: String) -> [Substring] {
        var found: [Substring] = []
        let parts = text.split(separator: "```", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index % 2 == 1 {
                found.append(part.drop { $0 != "\n" })
            } else {
                for match in part.matches(of: #/`([^`]+)`/#) {
                    found.append(Substring(match.output.1.replacing("\n", with: " ")))
                }
            }
        }
        return found
    }

    @Test func everyFlagThatIsNamedExists() throws {
        var help: [[String]: Set<String>] = [:]
        var checked = 0
        for path in try Self.documents() {
            for (verb, flags) in Self.code(in: try Self.text(path)).flatMap(Self.calls) {
                if help[verb] == nil {
                    let result = try CommandLineTool.run(["help"] + verb)
                    #expect(result.output.contains("USAGE: apus " + verb.joined(separator: " ")), "\(path): \(verb)")
                    help[verb] = Set(result.output.matches(of: #/--?[a-z][a-z0-9-]*/#).map { String($0.output) })
                }
                for flag in flags {
                    #expect(help[verb]?.contains(flag) == true, "\(path): apus \(verb.joined(separator: " ")) \(flag)")
                    checked += 1
                }
            }
        }
        #expect(checked > 30)
    }

    @Test func theVersionSaysWhereTheChangesAre() throws {
        let version = try CommandLineTool.run("--version").output
        #expect(version.contains("CHANGELOG.md"))
        let changes = try Self.text("CHANGELOG.md")
        let newest = try #require(changes.firstMatch(of: #/\n## ([0-9.]+)/#)?.output.1)
        #expect(version.hasPrefix(newest + " "))
        // And what it was built as: configuration, compiler, processor.
        #expect(version.contains(#/\((debug|release), Swift 6\.\d.*, (x86_64|aarch64)/#), "\(version)")
    }
}
