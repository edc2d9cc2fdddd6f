import Apus
import ApusReports
import ArgumentParser
import CorpusFormats
import Foundation

/// `apus doctor`
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look through corpora, topics, judgements, runs and indexes for what makes results wrong.",
        discussion: """
            apus doctor corpus.jsonl topics.tsv qrels.txt my.run Indexes/mine
            apus doctor FOLDER            a collection's folder: corpus, topics and judgements
            apus doctor --system          the machine: kernels, threads, memory

            What each file is, is told from its first lines and its name, and printed; --corpus, --vectors, --topics, --qrels, --run and \
            --index state it. What is given together is held against each other.

            Texts: duplicate ids, duplicates and near duplicates (at least 80 % of their word triples are common), empty ones, what the \
            encoder never reads, unknown tokens, languages, damage (U+FFFD, mojibake, control characters, left markup). Topics: \
            also queries that are documents. Judgements: conflicts, documents and queries that are missing, queries without relevant \
            documents. Runs: scores that tie or are no numbers, ranks against scores, repeated documents, depth, queries without \
            results, documents that the corpus does not have. Indexes: whether they hold the corpus.

            A fault makes results wrong, a warning is for a person to decide, a note is worth knowing. Exit codes: 0 without \
            faults, 1 with a fault (with --strict also with a warning) or when an index or model cannot be opened, 2 wrong usage.
            """)

    @Argument(help: "Files, folders and indexes of any kind.", completion: .file())
    var places: [String] = []

    @Option(help: ArgumentHelp("Documents; may be given again.", valueName: "path"), completion: .file())
    var corpus: [String] = []

    @Option(help: ArgumentHelp("Documents as vectors; may be given again.", valueName: "path"), completion: .file())
    var vectors: [String] = []

    @Option(help: ArgumentHelp("Topics; may be given again.", valueName: "path"), completion: .file())
    var topics: [String] = []

    @Option(help: ArgumentHelp("Judgements; may be given again.", valueName: "path"), completion: .file())
    var qrels: [String] = []

    @Option(
        name: .customLong("run"), help: ArgumentHelp("A run; may be given again.", valueName: "path"),
        completion: .file())
    var runs: [String] = []

    @Option(help: ArgumentHelp("An index; may be given again.", valueName: "path"), completion: .directory)
    var index: [String] = []

    @Option(help: "The corpus's format, when it cannot be told from its name and first bytes.")
    var format: CorpusFormat?

    @Option(
        help:
            "The encoder whose reach is checked: a folder, bundled, tiny, or none; that of the index, else bundled, unless given.",
        completion: .directory)
    var model: String?

    @Option(help: "Tokens that the encoder reads at once; what the index or the model says, unless given.")
    var maxLength: Int?

    @Option(name: .shortAndLong, help: "Threads.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Exit with 1 for warnings, too.")
    var strict = false

    @Flag(help: "Say what there is to work with on this machine: kernels, threads, memory.")
    var system = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard !system || (places + stated.map(\.path)).isEmpty else {
            throw ValidationError("'--system' looks at the machine; leave the files out.")
        }
        guard system || !(places + stated.map(\.path)).isEmpty else {
            throw ValidationError("Give files, folders or indexes to look through.")
        }
        guard (places + stated.map(\.path)).count(where: { $0 == "-" }) < 2 else {
            throw ValidationError("Standard input can be one of them only.")
        }
        guard threads > 0 else { throw ValidationError("'--threads' must be at least 1, not \(threads).") }
        guard maxLength.map({ $0 >= 8 }) ?? true else { throw ValidationError("'--max-length' must be at least 8.") }
        _ = try model.map { try ModelChoice.argument($0, allowsNone: true) }
    }

    private var stated: [DoctorPlace] {
        let kinds: [(DoctorPlace.Kind, [String])] = [
            (.corpus, corpus), (.vectors, vectors), (.topics, topics), (.qrels, qrels), (.run, runs), (.index, index),
        ]
        return kinds.flatMap { kind, paths in
            paths.map { DoctorPlace($0, kind, format: kind == .corpus ? format : nil) }
        }
    }

    func run() throws {
        if system {
            let report = try SystemReport()
            return try StandardOutput.print(
                json ? AnswerJSON.text(report) : report.lines.joined(separator: "\n"))
        }
        var found = stated
        for path in places {
            found += try DoctorPlace.recognise(path).map { place in
                var place = place
                if place.kind == .corpus { place.format = format }
                return place
            }
        }
        var doctor = CollectionDoctor()
        doctor.threads = threads
        doctor.model = try model.map { try ModelChoice.argument($0, allowsNone: true) }
        doctor.maximumLength = maxLength
        doctor.onPlace = { Terminal.progress("reading \($0.path) …") }
        let report = try doctor.examine(found)
        Terminal.endProgress()
        try StandardOutput.print(json ? AnswerJSON.text(report) : DoctorReportText.text(report))
        if report.count(.fault) > 0 || strict && report.count(.warning) > 0 { throw ExitCode(1) }
    }
}
