import ApusTestSupport
import Foundation
import Testing

/// What `--model` cannot mean is a mistake of usage, exit code 2, before anything is read or written.
@Suite struct ModelChoiceTests {
    private static func expect(_ arguments: [String], _ code: Int32, _ says: String) throws {
        let result = try CommandLineTool.run(arguments)
        #expect(result.code == code, "\(arguments): \(result.error)")
        #expect(result.error.contains(says) && result.output.isEmpty, "\(arguments): \(result.error)")
    }

    @Test(arguments: [("vectors", "--vectors"), ("none", "'none' names no model"), ("", "name is empty")])
    func aNameThatIsNoModelIsRefused(name: String, says: String) throws {
        try Self.expect(["encode", "cat", "--model", name], 2, says)
        try Self.expect(["model", "inspect", name], 2, says)
        try Self.expect(["model", "check", name, "--reference", "-"], 2, says)
        try Self.expect(["model", "pack", name], 2, says)
        try Self.expect(["model", "adapt", name, "--idf", "-", "-o", "/nowhere/at/all"], 2, says)
    }

    @Test func aFolderOfThatNameIsWrittenAsAPath() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.copyItem(
            atPath: TestPaths.fixtures + "/LearnedEncoder/bert-max", toPath: directory + "/vectors")
        let result = try CommandLineTool.run("model", "inspect", directory + "/./vectors")
        #expect(result.code == 0 && result.output.contains("BertForMaskedLM"), "\(result.error)")
    }

    @Test func anUnknownNameListsTheKnownOnes() throws {
        try Self.expect(
            ["encode", "cat", "--model", "tyni"], 1,
            "'tyni' is neither a folder here nor a model of this program (bundled, tiny)")
        try Self.expect(["model", "inspect", "./tyni"], 1, "./tyni")
    }

    @Test func theSmallModelMakesAnIndexThatLoadsItByItself() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (corpus, index) = (directory + "/corpus.jsonl", directory + "/index")
        let texts = [
            "ice": "Ice flows slowly down the valley under its own weight.",
            "tea": "Leaves steeped in boiling water make a drink.",
            "bow": "A string vibrates at its fundamental frequency.",
        ]
        let lines = texts.map { #"{"_id": "\#($0.key)", "text": "\#($0.value)"}"# }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: corpus))
        #expect(try CommandLineTool.run("index", corpus, "-o", index, "--model", "tiny").code == 0)
        let found = try CommandLineTool.run("search", index, "boiling tea leaves", "--mode", "splade", "--verify")
        #expect(found.error.contains("apus-splade-inference-free-idf0.5"), "\(found.error)")
        #expect(found.output.split(separator: "\n").first?.contains(" tea") ?? false, "\(found.output)")
        let stats = try CommandLineTool.run("stats", index)
        #expect(stats.output.contains("tiny") && stats.output.contains("idf^0.5"), "\(stats.output)")
        try Self.expect(
            ["search", index, "tea", "--mode", "splade", "--model", "bundled"], 1, "was built with the model tiny")
    }

    @Test func aFileIsNoModel() throws {
        let file = TestPaths.fixtures + "/LearnedEncoder/bert-max/config.json"
        try Self.expect(["encode", "cat", "--model", file], 1, "is a file. A model is a folder")
        try Self.expect(["encode", "cat", "--model", file + "/x"], 1, file)
    }

    @Test func aQueryThatIsCutIsSaid() throws {
        let long = String(repeating: "cat ", count: 300)
        let model = TestPaths.fixtures + "/LearnedEncoder/bert-max"
        let one = try CommandLineTool.run("encode", long, "--query", "--query-side", "siamese", "--model", model)
        #expect(one.code == 0 && one.error.contains("1 text was cut at 48 tokens"), "\(one.error)")
        let many = try CommandLineTool.run(
            "encode", "--topics", "-", "--query-side", "siamese", "--model", model, input: "1\t\(long)\n2\tcat\n")
        #expect(many.code == 0 && many.error.contains("1 text was cut at 48 tokens"), "\(many.error)")
        let short = try CommandLineTool.run("encode", "cat", "--query", "--query-side", "siamese", "--model", model)
        #expect(short.code == 0 && short.error.isEmpty, "\(short.error)")
    }

    @Test func inspectShowsPromptsAndWhatIsNotFollowed() throws {
        let directory = try TestPaths.temporaryDirectory() + "/model"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.copyItem(atPath: TestPaths.fixtures + "/LearnedEncoder/bert-max", toPath: directory)
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
        }
        try write(
            "config_sentence_transformers.json",
            #"{"prompts": {"query": "red ", "document": "water ", "web": "x"}, "default_prompt_name": "query"}"#)
        try write(
            "tokenizer_config.json",
            #"{"do_lower_case": true, "model_max_length": 48, "never_split": ["cat"], "wink": 1, "tokenizer_class": "BertTokenizer"}"#
        )
        try write(
            "sentence_bert_config.json", #"{"max_seq_length": 40, "do_lower_case": false, "model_args": {"x": 1}}"#)
        let result = try CommandLineTool.run("model", "inspect", directory)
        for words in [
            "document prompt", "\"water \"", "query prompt", "\"red \"", "40 tokens",
            "config_sentence_transformers.json: prompt 'web'",
            "tokenizer_config.json: never_split (AutoTokenizer does not)",
            "tokenizer_config.json: wink", "sentence_bert_config.json: model_args", "4 things",
        ] { #expect(result.output.contains(words), "\(words): \(result.output)") }
    }
}
