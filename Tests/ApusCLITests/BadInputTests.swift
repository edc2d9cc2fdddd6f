import ApusTestSupport
import Foundation
import Testing

/// Whatever a user gets wrong is answered by one clear line, exit code 1 (2 for usage), and no harm to what was there.
@Suite struct BadInputTests {
    let directory: String
    let index: String

    init() throws {
        directory = try TestPaths.temporaryDirectory()
        index = directory + "/index"
    }

    private func write(_ text: String, to name: String) throws -> String {
        let path = directory + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func corpus(_ name: String = "good.jsonl") throws -> String {
        try write(#"{"_id": "a", "text": "one fish"}"# + "\n" + #"{"_id": "b", "text": "two fish"}"# + "\n", to: name)
    }

    /// Runs `apus index --model none` and expects exit code 1 and one line that holds `words`.
    private func expectRefusal(of path: String, _ words: String..., flags: [String] = []) throws {
        let result = try CommandLineTool.run(["index", path, "--output", index, "--model", "none"] + flags)
        #expect(result.code == 1)
        #expect(result.output.isEmpty)
        #expect(result.error.split(separator: "\n").count == 1, "\(result.error)")
        for word in words { #expect(result.error.contains(word), "\(result.error)") }
    }

    @Test(arguments: ["12", "1", "127MB", "1.5.5GB", "GB", "-1GB", "1XB", "", "1e9"])
    func aMemoryThatIsNoSizeIsAUsageError(size: String) throws {
        let result = try CommandLineTool.run(
            ["index", corpus(), "--output", index, "--model", "none", "--memory=\(size)"])
        #expect(result.code == 2)
        #expect(result.error.contains("--memory"), "\(result.error)")
        #expect(!FileManager.default.fileExists(atPath: index))
    }

    @Test(arguments: ["128MB", "128 mib", "0.25GB", "2gb", "134217728", "1TB"])
    func aMemoryThatIsASizeIsTaken(size: String) throws {
        let result = try CommandLineTool.run(
            ["index", corpus(), "--output", index, "--model", "none", "--memory", size])
        #expect(result.code == 0, "\(result.error)")
        let merged = try CommandLineTool.run(["merge", index, "--memory", size])
        #expect(merged.code == 0 && merged.error.isEmpty, "\(merged.error)")
        #expect(try CommandLineTool.run(["merge", index, "--memory", "127MB"]).code == 2)
    }

    @Test func aMissingFileIsNamed() throws {
        try expectRefusal(of: directory + "/nowhere.jsonl", "nowhere.jsonl")
        #expect(!FileManager.default.fileExists(atPath: index))
    }

    @Test func malformedJSONIsNamedByItsLine() throws {
        let path = try write(#"{"_id": "a", "text": "one"}"# + "\n" + #"{"_id": "b", "text": "#, to: "bad.jsonl")
        try expectRefusal(of: path, "bad.jsonl' line 2")
        #expect(!FileManager.default.fileExists(atPath: index))
    }

    @Test func aDuplicateIdIsNamedWithBothLines() throws {
        let path = try write(
            #"{"_id": "a", "text": "one"}"# + "\n" + #"{"_id": "a", "text": "two"}"#, to: "twice.jsonl")
        try expectRefusal(of: path, "twice.jsonl' line 2", "line 1", "'a'")
    }

    @Test func anIdWithASpaceIsRefused() throws {
        try expectRefusal(of: write(#"{"_id": "a b", "text": "one"}"#, to: "space.jsonl"), "space.jsonl' line 1", "a b")
    }

    @Test func aMessageIsOneLineWhateverItNames() throws {
        try expectRefusal(of: directory + "/no\nsuch\u{1B}[31mfile.jsonl", "no\\nsuch\\u{1B}[31mfile.jsonl")
    }

    @Test func bytesThatAreNotUTF8AreNamedByTheirLine() throws {
        let path = directory + "/latin.jsonl"
        let bytes = Data(#"{"_id": "a", "text": "one"}"#.utf8) + [10] + Data(#"{"_id": "b", "text": "caf"#.utf8)
        try (bytes + [0xE9, 10]).write(to: URL(fileURLWithPath: path))
        try expectRefusal(of: path, "latin.jsonl' line 2", "not UTF-8")
    }

    @Test func lettersThatWereGuessedAreSaid() throws {
        let path = directory + "/latin.txt"
        try (Data("caf".utf8) + [0xE9, 10]).write(to: URL(fileURLWithPath: path))
        let result = try CommandLineTool.run(
            "index", path, "--output", index, "--model", "none", "--format", "folder")
        #expect(result.code == 0 && result.error == "note: '\(path)' is not UTF-8 and was read as Windows-1252.\n")
    }

    @Test func textsWithNothingToFindAreCounted() throws {
        let texts = ["", "   \\t \\n", "?! ...", "\u{A66E}", "a fish"]
        let lines = texts.enumerated().map { #"{"_id": "\#($0)", "text": "\#($1)"}"# }
        let path = try write(lines.joined(separator: "\n"), to: "empty.jsonl")
        let words = try CommandLineTool.run("index", path, "-o", index, "--model", "none")
        #expect(words.code == 0 && words.output.contains("3 have nothing to be found by"), "\(words.output)")
        let learned = try CommandLineTool.run("encode", "--input", path)
        #expect(learned.code == 0)
        #expect(learned.output.split(separator: "\n").count == 5)
        #expect(learned.output.hasPrefix(#"{"id": "0", "vector": {}}"#))
        #expect(learned.error.contains("2 texts have no terms"), "\(learned.error)")
    }

    @Test func aLineOfTenMegabytesIsADocumentAsAnother() throws {
        let text = String(repeating: "one fish two fish ", count: 500_000) + String(repeating: "x", count: 1_000_000)
        let path = try write(#"{"_id": "a", "text": "\#(text)"}"#, to: "long.jsonl")
        let result = try CommandLineTool.run("index", path, "-o", index)
        #expect(result.code == 0, "\(result.error)")
        #expect(result.output.contains("1 are longer than the encoder reads"), "\(result.output)")
        #expect(try CommandLineTool.run("search", index, "fish", "--json").output.contains("\"a\""))
    }

    @Test(arguments: [("1e-42", "1e-43"), ("3e38", "2e38")])
    func importedWeightsOfAnySizeMakeAnIndex(first: String, second: String) throws {
        let line = #"{"id": "a", "vector": {"fish": \#(first), "cat": \#(second), "dog": 0}}"#
        let path = try write(line, to: "vectors.jsonl")
        let result = try CommandLineTool.run("index", path, "-o", index, "--vectors")
        #expect(result.code == 0, "\(result.error)")
        #expect(try CommandLineTool.run("check", index).code == 0)
    }

    @Test func anEmptyCorpusIsRefused() throws {
        try expectRefusal(of: write("", to: "empty.jsonl"), "no documents")
        #expect(!FileManager.default.fileExists(atPath: index))
    }

    @Test func anExistingIndexIsNotOverwritten() throws {
        #expect(try CommandLineTool.run("index", corpus(), "-o", index, "--model", "none").code == 0)
        try expectRefusal(of: corpus(), "--append", "--replace")
    }

    @Test func aFailedAppendLeavesTheIndexAsItWas() throws {
        #expect(try CommandLineTool.run("index", corpus(), "-o", index, "--model", "none").code == 0)
        let more = try write(#"{"_id": "c", "text": "three fish"}"# + "\n{", to: "more.jsonl")
        try expectRefusal(of: more, "more.jsonl' line 2", flags: ["--append"])
        let found = try CommandLineTool.run("search", index, "fish", "--json")
        #expect(found.code == 0)
        #expect(!found.output.contains("\"c\""))
        #expect(try CommandLineTool.run("check", index).code == 0)
    }

    @Test func aFolderWithOtherFilesIsNotFilled() throws {
        try FileManager.default.createDirectory(atPath: index, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: index + "/letter.txt"))
        try expectRefusal(of: corpus(), "no index")
        #expect(try FileManager.default.contentsOfDirectory(atPath: index) == ["letter.txt"])
    }

    @Test(arguments: ["search", "explain", "get", "stats", "check"])
    func aDirectoryThatIsNoIndexIsSaidToBeNone(verb: String) throws {
        let tail: [String] =
            switch verb {
            case "search": ["fish"]
            case "explain": ["fish", "a"]
            case "get": ["a"]
            default: []
            }
        let result = try CommandLineTool.run([verb, directory] + tail)
        #expect(result.code == 1)
        #expect(result.error.contains(directory))
        #expect(result.error.split(separator: "\n").count == 1)
    }

    @Test func zeroHitsIsWrongUsage() throws {
        #expect(try CommandLineTool.run("index", corpus(), "-o", index, "--model", "none").code == 0)
        let result = try CommandLineTool.run("search", index, "fish", "-k", "0")
        #expect(result.code == 2)
        #expect(result.error.contains("at least 1"))
    }

    @Test func anUnknownVerbOrFlagIsWrongUsage() throws {
        #expect(try CommandLineTool.run("fly").code == 2)
        #expect(try CommandLineTool.run("search", index, "fish", "--colour", "red").code == 2)
        #expect(try CommandLineTool.run("search", index).code == 2)
    }

    @Test func anUnknownDocumentIsNamed() throws {
        #expect(try CommandLineTool.run("index", corpus(), "-o", index, "--model", "none").code == 0)
        let result = try CommandLineTool.run("get", index, "zebra")
        #expect(result.code == 1)
        #expect(result.error.contains("zebra"))
    }

    @Test func aTruncatedModelIsRefused() throws {
        let model = directory + "/model"
        try FileManager.default.copyItem(atPath: TestPaths.root + "/Sources/CApusBundledModel/Model", toPath: model)
        let weights = URL(fileURLWithPath: model + "/model.safetensors")
        let whole = try Data(contentsOf: weights)
        try whole.prefix(whole.count / 2).write(to: weights)
        let result = try CommandLineTool.run("index", corpus(), "-o", index, "--model", model)
        #expect(result.code == 1)
        #expect(result.error.contains("model.safetensors"))
        #expect(!FileManager.default.fileExists(atPath: index))
    }

    @Test func aVocabularyOfAnotherModelIsRefused() throws {
        let model = directory + "/model"
        try FileManager.default.copyItem(atPath: TestPaths.root + "/Sources/CApusBundledModel/Model", toPath: model)
        let path = URL(fileURLWithPath: model + "/vocab.txt")
        let tokens = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
        try tokens.prefix(2000).joined(separator: "\n").write(to: path, atomically: true, encoding: .utf8)
        let result = try CommandLineTool.run("index", corpus(), "-o", index, "--model", model)
        #expect(result.code == 1)
        #expect(result.error.contains("2000"))
        #expect(result.error.split(separator: "\n").count == 1)
    }

    @Test func anotherModelThanTheIndexesIsRefused() throws {
        let model = directory + "/model"
        try FileManager.default.copyItem(atPath: TestPaths.root + "/Sources/CApusBundledModel/Model", toPath: model)
        let weights = URL(fileURLWithPath: model + "/model.safetensors")
        var bytes = try Data(contentsOf: weights)
        bytes[bytes.count - 100_000] ^= 1
        try bytes.write(to: weights)
        #expect(try CommandLineTool.run("index", corpus(), "-o", index).code == 0)
        let result = try CommandLineTool.run("search", index, "fish", "--model", model)
        #expect(result.code == 1)
        #expect(result.error.contains("--model"))
        #expect(try CommandLineTool.run("search", index, "fish", "--model", model, "--force").code == 0)
        // A model that is gone is no error: BM25 answers and says so.
        let gone = try CommandLineTool.run("search", index, "fish", "--model", directory + "/gone")
        #expect(gone.code == 0)
        #expect(gone.error.contains("BM25 answered"))
    }

    @Test func aFullDiskLeavesTheOldIndex() throws {
        #expect(try CommandLineTool.run("index", corpus(), "-o", index, "--model", "none").code == 0)
        let lines = (0..<20_000).map {
            #"{"_id": "n\#($0)", "text": "number \#($0) of many words \#($0 * 7) and \#($0 * 13)"}"#
        }
        let large = try write(lines.joined(separator: "\n"), to: "large.jsonl")
        // The kernel refuses every byte beyond the limit, as a full disk does.
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [
            "-c", "ulimit -f 200; exec \"$0\" index \"$1\" -o \"$2\" --model none --append", CommandLineTool.path,
            large, index,
        ]
        process.standardError = FileHandle(forWritingAtPath: "/dev/null")
        process.standardOutput = FileHandle(forWritingAtPath: "/dev/null")
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 1)
        let found = try CommandLineTool.run("search", index, "fish", "--json")
        #expect(found.code == 0)
        #expect(found.output.contains("\"a\"") && found.output.contains("\"b\""))
        #expect(try CommandLineTool.run("check", index).code == 0)
    }
}
