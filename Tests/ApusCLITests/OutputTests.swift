import ApusTestSupport
import Foundation
import Testing

/// What a verb prints arrives, or the verb fails. GNU's tools are the oracle: "write error", exit 1.
@Suite struct OutputTests {
    private let folder: String
    private let index: String

    init() throws {
        folder = try TestPaths.temporaryDirectory()
        index = folder + "/index"
        try write(
            "corpus.jsonl", #"{"id": "a", "title": "\u001b[31mred", "contents": "a cat \u009b1m sat\u0007"}"# + "\n")
        try write("topics.tsv", "1\tcat\n")
        try write("qrels", "1 0 a 1\n")
        try write("run", "1 Q0 a 1 1 t\n")
        let built = try CommandLineTool.run("index", folder + "/corpus.jsonl", "-o", index, "--model", "none")
        #expect(built.code == 0, "\(built.error)")
    }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    private static let verbs = [
        "--help", "--version", "help search", "--generate-completion-script bash", "search index cat",
        "search index cat --json", "search index --topics topics.tsv", "search index --topics topics.tsv --json",
        "evaluate --qrels qrels run", "evaluate --qrels qrels run --json", "get index a", "get index a --json",
        "stats index", "stats index --json", "explain index cat a", "explain index cat a --json --plan", "check index",
        "check index --json", "encode cat --query", "encode --input corpus.jsonl", "model inspect bundled",
        "index corpus.jsonl -o new --model none", "search index --topics topics.tsv -o /dev/full",
        "search index --topics topics.tsv -o /dev/stdout",
    ]

    @Test(arguments: verbs)
    func aFullDiskIsAFailureAndOneLine(verb: String) throws {
        let result = try CommandLineTool.shell("cd $1; \"$0\" \(verb) > /dev/full", folder)
        #expect(result.code == 1)
        let errors = result.error.split(separator: "\n").filter { $0.hasPrefix("apus: ") }
        #expect(errors.count == 1 && errors[0].contains("No space left on device"), "\(result.error)")
    }

    @Test(arguments: verbs)
    func aClosedOutputIsAFailure(verb: String) throws {
        let result = try CommandLineTool.shell("cd $1; \"$0\" \(verb) >&-", folder)
        #expect(result.code == 1, "\(result.error)")
    }

    /// With 1 and 2 closed, the next files to be opened would get these numbers.
    @Test func closedStreamsDoNotBecomeFilesOfTheIndex() throws {
        let script = #"cd $1; "$0" index corpus.jsonl -o new --model none <&- >&- 2>&-; "$0" check new"#
        let result = try CommandLineTool.shell(script, folder)
        #expect(result.code == 0, "\(result.error)")
    }

    @Test(arguments: ["search index cat -k 1", "get index a", "--help"])
    func notesThatNobodyReadsAreNoFailure(verb: String) throws {
        #expect(try CommandLineTool.shell("cd $1; \"$0\" \(verb) 2> /dev/full", folder).code == 0)
    }

    @Test func noVerbPrintsPastTheCheckedOutput() throws {
        let bare = try Regex(#"(^|[^.\w])print\(|FileHandle\.standard|fputs|fwrite"#)
        for target in ["ApusCLI", "ApusBenchmarks"] {
            let sources = TestPaths.root + "/Sources/" + target
            for name in try FileManager.default.contentsOfDirectory(atPath: sources) where name.hasSuffix(".swift") {
                for line in try String(contentsOfFile: sources + "/" + name, encoding: .utf8).split(separator: "\n") {
                    #expect(line.firstMatch(of: bare) == nil, "\(name): \(line)")
                }
            }
        }
    }

    @Test func aRunGoesWhereItIsSent() throws {
        let topics = ["search", index, "--topics", folder + "/topics.tsv"]
        let printed = try CommandLineTool.run(topics).output
        #expect(printed.hasPrefix("1 Q0 a 1 "))
        for name in ["run.txt", "-", "/dev/stdout", "run.txt.gz"] {
            let path = name.hasPrefix("run") ? folder + "/" + name : name
            let result = try CommandLineTool.run(topics + ["-o", path])
            #expect(result.code == 0 && result.output == (name.hasPrefix("run") ? "" : printed))
        }
        #expect(try String(contentsOfFile: folder + "/run.txt", encoding: .utf8) == printed)
        #expect(try CommandLineTool.shell("gzip -dc $1/run.txt.gz", folder).output == printed)
        let gzipped = try CommandLineTool.run("evaluate", "--qrels", folder + "/qrels", folder + "/run.txt.gz")
        #expect(gzipped.code == 0 && gzipped.output.contains("1.0000"))
        let json = try CommandLineTool.run(topics + ["--json", "-o", folder + "/answers.jsonl"])
        #expect(json.output.isEmpty)
        #expect(try String(contentsOfFile: folder + "/answers.jsonl", encoding: .utf8).contains("\"docid\":\"a\""))
        // Read before it is written, as with sort -o.
        let own = try CommandLineTool.run(
            "search", index, "--topics", folder + "/topics.tsv", "-o", folder + "/topics.tsv")
        #expect(own.code == 0)
        #expect(try String(contentsOfFile: folder + "/topics.tsv", encoding: .utf8) == printed)
    }

    @Test func aPlaceThatCannotBeWrittenIsSaidBeforeTheSearch() throws {
        let result = try CommandLineTool.run("search", index, "--topics", folder + "/topics.tsv", "-o", folder)
        #expect(result.code == 1 && result.error.contains("Is a directory") && !result.error.contains("per query"))
    }

    /// The kernel refuses what is beyond the limit, as a full disk does.
    @Test func aFullDiskLeavesTheOldRun() throws {
        try write("old", "old\n")
        try write("many.tsv", (0..<500).map { "\($0)\tcat\n" }.joined())
        let script = #"ulimit -f 4; exec "$0" search "$1/index" --topics "$1/many.tsv" -o "$1/old" 2> /dev/null"#
        #expect(try CommandLineTool.shell(script, folder).code == 1)
        #expect(try String(contentsOfFile: folder + "/old", encoding: .utf8) == "old\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy { !$0.hasSuffix(".tmp") })
    }

    /// ECMA-48: what begins with ESC or U+009B is a command to a terminal.
    @Test(arguments: [
        "search index cat", "search index cat --json", "explain index cat a", "evaluate --qrels qrels run --per-query",
    ])
    func controlCharactersAreShownAndNotObeyed(verb: String) throws {
        let result = try CommandLineTool.shell("cd $1; \"$0\" \(verb)", folder)
        #expect(result.code == 0)
        for text in [result.output, result.error] {
            #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
        }
        if verb == "search index cat" { #expect(result.output.contains(#"\u{1B}[31mred"#)) }
    }

    @Test func aStoredTextStaysAsItIsInAPipe() throws {
        #expect(try CommandLineTool.run("get", index, "a").output == "a\n\u{1B}[31mred\na cat \u{9B}1m sat\u{7}\n")
    }

    @Test(arguments: [
        "search index cat -o x", "search index cat --run-tag x", "search index --topics topics.tsv -o ''",
        "search index --topics topics.tsv --json --run-tag x", "search index --topics topics.tsv --run-tag ''",
        "search index cat -k 99999999999999999999", "search index cat --k1=-1", "search index cat --k1 1e38",
        "search index cat --k1 nan", "search index cat --weight nan", "search index cat --b 2", "search index cat -t 0",
        "search index cat --depth 0", "search index cat --rrf-k nan", "search index cat --deadline inf",
        "search index cat --mode ''", "evaluate --qrels qrels run -m ''", "evaluate --qrels qrels run -m nDCG@0",
        "evaluate --qrels qrels run --mode bm25", "evaluate --qrels qrels run --starter",
        "evaluate --index index --starter --collection .",
        "evaluate --index index --topics topics.tsv --qrels qrels --mode bm25,",
        "tune index --topics topics.tsv --limit 0", "tune index --topics topics.tsv --recall nan", "encode cat --top 0",
    ])
    func whatAFlagCannotMeanIsWrongUsage(verb: String) throws {
        let result = try CommandLineTool.shell("cd $1; \"$0\" \(verb)", folder)
        #expect(result.code == 2 && result.output.isEmpty, "\(result.error)")
    }

    @Test(arguments: [
        "search index cat -k 9223372036854775807", "search index cat -t 100000",
        "search index cat --depth 9223372036854775807",
        "search index --topics topics.tsv -t 100000", "search index cat --ranges 9223372036854775807",
        "evaluate --qrels qrels run -m 'P@9223372036854775807 nDCG@9223372036854775807 RBP(p=1e-300)'",
    ])
    func hugeNumbersAreOnlyNumbers(verb: String) throws {
        let result = try CommandLineTool.shell("cd $1; \"$0\" \(verb)", folder)
        #expect(result.code == 0, "\(result.error)")
    }
}
