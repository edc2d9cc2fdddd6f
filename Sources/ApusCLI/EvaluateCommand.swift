import Apus
import ArgumentParser
import CorpusFormats
import Foundation
import RetrievalEvaluation

/// `apus evaluate`
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure rankings against judgements, as trec_eval does.",
        discussion: """
            Either run files: apus evaluate --qrels qrels.txt run1.txt run2.txt
            or an index:      apus evaluate --index Indexes/mine --topics topics.tsv --qrels qrels.txt
            or a folder that holds topics and judgements: --index Indexes/mine --collection FOLDER

            Averages run over all judged queries; a judged query without results counts 0 (trec_eval -c). \
            Measures take ir_measures names (nDCG@10 RR@10 R@100 AP P@5 Success@5 Judged@10) and trec_eval's or ranx's.
            """)

    @Argument(help: "Run files.", completion: .file())
    var runs: [String] = []

    @Option(help: "Judgements: TREC (four columns) or BEIR (three, with a header).", completion: .file())
    var qrels: String?

    @Option(help: "An index to search.", completion: .directory)
    var index: String?

    @Option(help: "Topics to search the index with.", completion: .file())
    var topics: String?

    @Option(help: "A folder with queries and qrels, in BEIR's layout.", completion: .directory)
    var collection: String?

    @Flag(help: "The topics and judgements of the starter collection inside the binary.")
    var starter = false

    @Option(help: "Modes to compare, comma-separated: bm25,splade,hybrid,fused.")
    var mode: String?

    @Option(name: [.customShort("k"), .long], help: "Documents per query.")
    var hits = 1000

    @Option(name: .shortAndLong, help: "Measures in one quoted string.")
    var measures = "nDCG@10 RR@10 AP R@100 Judged@10"

    @Option(name: .shortAndLong, help: "Threads.")
    var threads = 1

    @Flag(help: "Also print every query's values.")
    var perQuery = false

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var flags: SearchFlags
    @OptionGroup var indexFlags: IndexFlags

    func validate() throws {
        if index == nil {
            guard !runs.isEmpty, qrels != nil else {
                throw ValidationError(
                    "Give run files with --qrels FILE, or --index with --topics and --qrels (or --collection).")
            }
        } else {
            guard runs.isEmpty else { throw ValidationError("Give either run files or --index, not both.") }
            guard (topics != nil && qrels != nil) || collection != nil || starter else {
                throw ValidationError("--index needs --topics and --qrels, or --collection FOLDER, or --starter.")
            }
        }
        guard hits > 0 else { throw ValidationError("'-k' must be at least 1, not \(hits).") }
        guard threads > 0 else { throw ValidationError("'--threads' must be at least 1, not \(threads).") }
        _ = try modes()
    }

    private func modes() throws -> [SearchMode]? {
        try mode?.split(separator: ",").map { name in
            guard let mode = SearchMode(rawValue: String(name)) else {
                throw ValidationError("'--mode' takes bm25, splade, hybrid and fused, not '\(name)'.")
            }
            return mode
        }
    }

    func run() throws {
        let measures = try Measure.list(parsing: measures)
        var report = EvaluationReport(measures: measures)
        if let index {
            try evaluate(index, &report)
        } else if let qrels {
            let judgements = try QrelsFile.read(qrels).qrels
            for path in runs {
                let run = try RunFile.read(path)
                report.add(path, run, judgements, latency: nil)
            }
        }
        print(json ? try report.json() : report.text(perQuery: perQuery))
        for note in report.notes { Terminal.note("note: \(note)") }
    }

    private func evaluate(_ directory: String, _ report: inout EvaluationReport) throws {
        let opened = try indexFlags.open(directory)
        let unpacked = starter ? try StarterCollection.unpack() : nil
        defer { unpacked?.remove() }
        let folder = (unpacked?.path ?? collection).map { Collection($0) }
        let topicFile = try topics ?? folder?.queries()
        let qrelsFile = try qrels ?? folder?.qrels()
        guard let topicFile, let qrelsFile else { return }
        let judgements = try QrelsFile.read(qrelsFile).qrels
        let all = try Topics.read(topicFile)
        let judged = all.filter { judgements.grades[$0.id] != nil }
        let modes = try modes() ?? (opened.hasLearned ? [.bm25, .splade, .hybrid] : [.bm25])
        for mode in modes {
            let batch = try opened.search(judged, flags.options(mode: mode, hits: hits), threads: threads) { done in
                if done % 16 == 0 { Terminal.progress("\(mode.rawValue): \(done) of \(judged.count) topics") }
            }
            Terminal.endProgress()
            let name = batch.answers.first?.answer.tag ?? "apus-\(mode.rawValue)"
            report.add(name, batch.run, judgements, latency: batch)
            if batch.fallbacks > 0 {
                report.notes.append(
                    "\(mode.rawValue): BM25 stood in for \(batch.fallbacks) of \(judged.count) queries.")
            }
        }
        if judged.count < all.count {
            report.notes.append(
                "\(all.count - judged.count) of \(all.count) topics have no judgements and were left out.")
        }
        report.notes.append(
            "\(directory): \(Format.count(opened.snapshot.documentCount)) documents; "
                + modes.map { "\($0.rawValue): \(flags.summary(of: $0))" }.joined(separator: "; ") + ".")
    }
}
