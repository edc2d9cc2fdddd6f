import ApusTestSupport
import ByteStrings
import Foundation
import JSONScanning
import Testing

@testable import TextAnalysis

/// What the files beside a tokenizer change is followed, or refused by name. The ids are those of AutoTokenizer of transformers
/// 5.24.0 and 4.57.6: Scripts/oracles/tokenizer-settings.
@Suite struct TokenizerSettingsTests {
    private struct Case {
        let name: String
        let tokenizer: any Tokenizer
        let answers: [JSONTree]
    }

    private static func bytes(_ tree: JSONTree) -> [UInt8] {
        func text(_ tree: JSONTree) -> String {
            switch tree {
            case .null: return "null"
            case .bool(let value): return "\(value)"
            case .number(let value): return Int(exactly: value).map { "\($0)" } ?? "\(value)"
            case .string(let value):
                let escaped = value.unicodeScalars.map { scalar in
                    scalar == "\"" || scalar == "\\" || scalar.value < 0x20
                        ? "\\u" + String(0x10000 + scalar.value, radix: 16).dropFirst() : String(scalar)
                }
                return "\"" + escaped.joined() + "\""
            case .array(let elements): return "[" + elements.map(text).joined(separator: ",") + "]"
            case .object(let members):
                return "{" + members.map { text(.string($0.key)) + ":" + text($0.value) }.joined(separator: ",") + "}"
            }
        }
        return Array(text(tree).utf8)
    }

    private static func set(_ tree: inout JSONTree, _ path: ArraySlice<String>, _ value: JSONTree) {
        guard let key = path.first else { return tree = value }
        var inner = tree[key] ?? .object([])
        set(&inner, path.dropFirst(), value)
        tree.set(key, inner)
    }

    /// The tokenizer of one folder of the fixture.
    private static func load(_ folder: JSONTree, _ base: JSONTree) throws -> any Tokenizer {
        let files = folder["files"]
        let settings = try TokenizerSettings(
            config: files?["tokenizer_config.json"].map(bytes),
            specialTokensMap: files?["special_tokens_map.json"].map(bytes),
            addedTokens: files?["added_tokens.json"].map(bytes), modelType: folder["model_type"]?.string)
        guard let changes = folder["changes"]?.elements else {
            let vocabulary = (base["model"]?["vocab"]?.members ?? []).sorted {
                $0.value.integer ?? 0 < $1.value.integer ?? 0
            }
            return try WordPieceTokenizer.load(
                vocabularyText: Array(vocabulary.map { $0.key + "\n" }.joined().utf8), settings: settings,
                path: "vocab.txt")
        }
        var tree = base
        for change in changes {
            let parts = change.elements ?? []
            set(&tree, (parts[0].elements ?? []).compactMap(\.string)[...], parts[1])
        }
        return try TokenizerReader.read(tokenizerJSON: bytes(tree), settings: settings, path: "tokenizer.json")
    }

    private static func ids(_ answer: JSONTree?, _ key: String) -> [[Int32]]? {
        answer?[key]?.elements?.map { ($0.elements ?? []).compactMap(\.integer).map { Int32($0) } }
    }

    @Test func tokensAreThoseOfAutoTokenizerOrRefusedByName() throws {
        let fixture = try #require(JSONTree([UInt8](try OracleFile.bytes(OracleFile.path("tokenizer-settings.json")))))
        let texts = try #require(fixture["texts"]?.elements).compactMap(\.string)
        var bases: [String: JSONTree] = [:]
        var (equal, refused, disputed) = (0, [String: Int](), 0)
        for folder in fixture["cases"]?.elements ?? [] {
            let name = folder["name"]?.string ?? ""
            let base = folder["base"]?.string ?? ""
            if bases[base] == nil {
                bases[base] = JSONTree([UInt8](try OracleFile.bytes(OracleFile.path(base + "-tokenizer.json"))))
            }
            let five = folder["five"]
            let isDisputed = folder["four"]?.string != "same"
            disputed += isDisputed ? 1 : 0
            let tokenizer: any Tokenizer
            do { tokenizer = try Self.load(folder, try #require(bases[base])) } catch let error as TokenizerError {
                guard case .unsupported(_, let part, _, _) = error else {
                    Issue.record("\(name): \(error)")
                    continue
                }
                refused[part.hasPrefix("added token") ? "added token" : part, default: 0] += 1
                // A class whose tokens both versions agree on may be refused for these only.
                let agreed: Set = [
                    "split_special_tokens", "added token", "add_prefix_space", "unk_token", "pre_tokenizer.type",
                ]
                if !isDisputed, !agreed.contains(part.hasPrefix("added token") ? "added token" : part) {
                    Issue.record("\(name): \(error)")
                }
                continue
            }
            let answers = isDisputed ? [five, folder["four"]] : [five]
            let whole = texts.map { tokenizer.encode($0, maximumLength: nil, addingSpecialTokens: true).ids }
            let cut = texts.map { tokenizer.encode($0, maximumLength: 7, addingSpecialTokens: true).ids }
            if answers.contains(where: { Self.ids($0, "ids") == whole && Self.ids($0, "cut") == cut }) {
                equal += 1
            } else {
                let at = zip(whole, Self.ids(five, "ids") ?? []).enumerated().first { $1.0 != $1.1 }?.offset
                Issue.record(
                    "\(name): text \(at ?? -1) gives \(at.map { whole[$0] } ?? []), not \(at.map { Self.ids(five, "ids")?[$0] ?? [] } ?? [])"
                )
            }
        }
        // What the fixture is about must not be refused.
        #expect(equal > 300, "\(equal) equal, \(disputed) disputed, refused: \(refused)")
        if ProcessInfo.processInfo.environment["APUS_PRINT"] != nil { print(equal, disputed, refused) }
    }
}
