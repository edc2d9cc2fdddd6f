import Apus
import ApusReports
import ArgumentParser
import ByteStrings
import CorpusFormats
import FileStorage
import Foundation
import InvertedIndex

/// `apus search`
struct SearchCommand: ParsableCommand, RankingCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Search an index: one query, or a file of topics into a TREC run.",
        usage: """
            apus search <index> ... <query> [<options>]
            apus search <index> ... --topics <topics> [<options>]
            """,
        discussion: """
            The mode defaults to hybrid, or to bm25 for an index without a model. When the encoder is missing, or a query \
            has no learned term, BM25 answers and the output says so.

            Several indexes answer as one, exactly: apus search Indexes/part-* "your question". The last argument is the query, \
            unless there are topics.
            """)

    @Argument(
        help: ArgumentHelp("The index directory, or those of all shards; then the query text.", valueName: "index"),
        completion: .directory)
    var arguments: [String]

    private var hasTopics: Bool { topics != nil || queryVectors != nil }
    private var query: String? { hasTopics || arguments.count < 2 ? nil : arguments.last }
    private var indexes: ArraySlice<String> { query == nil ? arguments[...] : arguments.dropLast() }

    @Option(
        help: "Topics to search one after another: TSV, queries.jsonl, TREC topics (also XML); '-' for standard input.",
        completion: .file())
    var topics: String?

    @Option(
        help:
            "Learned queries computed elsewhere, as 'apus index --vectors' reads them, with --topics or alone.",
        completion: .file())
    var queryVectors: String?

    @Option(help: "Names of terms that --query-vectors tells by numbers.", completion: .file())
    var vocabulary: String?

    @Option(
        name: .shortAndLong, help: "Where the run goes (gzip when it ends in .gz); standard output without it.",
        completion: .file())
    var output: String?

    @Option(help: "bm25, splade, hybrid, or fused (the exact best by the weighted sum, in one traversal).")
    var mode: SearchMode?

    @Option(name: [.customShort("k"), .long], help: "Documents per query (10 for a query, 1000 for topics).")
    var hits: Int?

    @Option(help: "The last column of the run; a description of the method without it.")
    var runTag: String?

    @Option(
        name: .shortAndLong,
        help: "Threads: topics are shared out among them; a single query is cut by documents when the index is large.")
    var threads = 1

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(
        help:
            "With --json: also what is proved of each traversal's hits: mode, traversal, k-th score, the largest bound of anything left out, and what was scored and skipped."
    )
    var certificate = false

    @Flag(
        help:
            "Show the part of each document that scored, its words marked: those that the query holds, and those that the encoder expanded to a term of the query."
    )
    var snippets = false

    @OptionGroup var rankingFlags: RankingFlags
    @OptionGroup var fusionFlags: FusionFlags
    @OptionGroup var feedbackFlags: FeedbackFlags
    @OptionGroup var traversalFlags: TraversalFlags
    @OptionGroup var runFlags: RunFlags
    @OptionGroup var indexFlags: IndexFlags
    @OptionGroup var shardFlags: ShardFlags
    @OptionGroup(title: "Shards on several machines") var shardSearchFlags: ShardSearchFlags

    func validate() throws {
        let extra = arguments.dropFirst().first { !isFolder($0) }
        guard hasTopics ? extra == nil : query != nil else {
            throw ValidationError("Give either a query, or --topics FILE (or --query-vectors FILE).")
        }
        guard vocabulary == nil || queryVectors != nil else {
            throw ValidationError("'--vocabulary' is of '--query-vectors'.")
        }
        if let query, isIndex(query) {
            throw ValidationError("'\(query)' is an index, and the last argument is the query. Put a query behind it.")
        }
        if let word = indexes.dropFirst().first(where: { !isFolder($0) }) {
            throw ValidationError(
                "'\(word)' is no folder. Put a query of several words in quotes; what stands before it are indexes.")
        }
        try shardSearchFlags.validate(self)
        guard hits.map({ $0 > 0 }) ?? true else { throw ValidationError("'-k' must be at least 1, not \(hits ?? 0).") }
        try runFlags.validate(fusionFlags)
        guard runFlags.withRun.isEmpty || topics != nil else {
            throw ValidationError("'--with-run' needs --topics: a run names queries by the ids of topics.")
        }
        if query != nil {
            guard output == nil, runTag == nil else {
                throw ValidationError("'--output' and '--run-tag' are for --topics; one query's answer is printed.")
            }
        }
        guard output != "" else { throw ValidationError("'--output' needs the name of a file.") }
        guard runTag == nil || !json else { throw ValidationError("'--run-tag' is for runs, not for --json.") }
        guard query != nil || !snippets else { throw ValidationError("'--snippets' is for one query, not for topics.") }
        guard json || !certificate else { throw ValidationError("'--certificate' needs --json.") }
        guard threads > 0 else { throw ValidationError("'--threads' must be at least 1, not \(threads).") }
        if let runTag,
            runTag.isEmpty || runTag.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 0x20 })
        {
            throw ValidationError("'--run-tag' must be one word without spaces, not '\(runTag)'.")
        }
    }

    func run() throws {
        let opened = try indexFlags.open(
            arguments[0], shards: indexes.dropFirst() + shardFlags.shards, statistics: shardSearchFlags.statistics)
        if topics != nil || queryVectors != nil {
            try runTopics(opened)
        } else {
            try runQuery(query ?? "", opened)
        }
    }

    private func isIndex(_ path: String) -> Bool {
        isFolder(path) && (try? IndexSnapshot.generations(in: path).isEmpty) == false
    }

    private func isFolder(_ path: String) -> Bool { (try? Directory.kind(of: path)) == .folder }

    private func runQuery(_ query: String, _ opened: SearchIndex) throws {
        var options = flags.options(opened, mode: mode, hits: hits ?? 10)
        options.threads = threads
        let found = try opened.search(query, options)
        let answer = try snippets ? opened.withSnippets(found, of: query, options) : opened.withTexts(found)
        if json {
            try StandardOutput.print(
                AnswerJSON.text(AnswerDocument(query, answer, in: opened, withCertificates: certificate)))
            return
        }
        Terminal.note("\(answer.tag): \(options.ranking(answer.mode).summary)")
        sayTuned(opened, answer.mode)
        for note in answer.notes { Terminal.note("note: \(note)") }
        if answer.documents.isEmpty {
            try StandardOutput.print(answer.isExact ? "No document matches." : "Nothing was found within the limits.")
        }
        for document in answer.documents {
            try StandardOutput.print(AnswerText.lines(document, marks: StandardOutput.isTerminal ? .bold : .brackets))
        }
    }

    private func sayTuned(_ opened: SearchIndex, _ mode: SearchMode) {
        guard mode == .hybrid, fusionFlags.fusion == nil, let tuned = opened.settings.fusion else { return }
        Terminal.note("note: fused as 'apus tune --fusion' chose for this index, \(tuned.name).")
    }

    private func runTopics(_ opened: SearchIndex) throws {
        let names = try vocabulary.map { try VectorVocabulary(path: $0) }
        let vectors = try queryVectors.map { try QueryVectors.read($0, vocabulary: names) }
        let topics = try topics.map { try Topics.read($0) } ?? vectors?.topics ?? []
        if let output, shardSearchFlags.onlyGathers {
            return try ShardLists(gathering: shardSearchFlags.gather, of: opened).write(to: output, topics: topics)
        }
        let sink = shardSearchFlags.lists ? nil : try RunOutput(output, isRun: !json)
        var options = flags.options(opened, mode: mode, hits: hits ?? 1000)
        options.runs = try runFlags.read()
        try shardSearchFlags.read(into: &options, opened)
        let batch = try opened.search(
            topics, vectors: vectors?.terms, options, threads: threads,
            progress: { done in
                if done % 16 == 0 { Terminal.progress("\(Format.count(done)) of \(Format.count(topics.count)) topics") }
            })
        Terminal.endProgress()
        if let answer = batch.answers.first?.answer { sayTuned(opened, answer.mode) }
        if shardSearchFlags.lists, let output {
            let lists = try ShardLists(batch, of: opened, options)
            try lists.write(to: output, topics: topics)
        }
        for (topic, answer) in batch.answers {
            guard let sink else { break }
            if json {
                let document = AnswerDocument(
                    topic.text, answer, in: opened, topic: topic.id, withCertificates: certificate)
                try sink.line(AnswerJSON.text(document, pretty: false))
            } else {
                try sink.write(answer, for: topic, tag: runTag)
            }
        }
        try sink?.close()
        var note = "\(Format.count(topics.count)) topics in \(Format.decimals(batch.seconds, 2)) s; per query "
        note +=
            "mean \(Format.decimals(batch.meanMilliseconds, 3)) ms, p50 \(Format.decimals(batch.milliseconds(atPercentile: 0.5), 3)), "
        note +=
            "p95 \(Format.decimals(batch.milliseconds(atPercentile: 0.95), 3)), p99 \(Format.decimals(batch.milliseconds(atPercentile: 0.99), 3))"
        Terminal.note(note)
        let unproved = batch.answers.count { !$0.answer.isExact }
        if unproved > 0 {
            Terminal.note(
                "note: approximate; \(topics.count - unproved) of \(topics.count) answers are proved exact.")
        }
        if batch.fallbacks > 0 {
            Terminal.note("note: BM25 stood in for \(batch.fallbacks) queries; their tag says so.")
        }
        if let note = Format.truncation(batch.truncated) { Terminal.note("note: " + note) }
        let silent = batch.answers.count { $0.answer.documents.isEmpty }
        if silent > 0 {
            let wordless = topics.count {
                $0.text.allSatisfy(\.isWhitespace) && vectors?.terms[ByteString($0.id)] == nil
            }
            Terminal.note(
                "note: \(Format.count(silent)) of \(Format.count(topics.count)) topics found nothing"
                    + (wordless > 0 ? "; \(Format.count(wordless)) of them are empty." : "."))
        }
    }
}
