import Apus
import ArgumentParser

/// Folders that are searched together with the index as one.
struct ShardFlags: ParsableArguments {
    @Option(
        name: .customLong("shard"), parsing: .upToNextOption,
        help: """
            More folders of indexes that answer as one with the index: global statistics, one threshold, exact. Built with the same \
            settings; no document may be in two of them.
            """,
        completion: .directory)
    var shards: [String] = []
}

/// Searching shards that lie on several machines: statistics, lists, and what is made of them; see the article Scale.
struct ShardSearchFlags: ParsableArguments {
    @Option(
        help: """
            Score as a part of a larger collection: the sums of the files that 'apus stats SHARD --topics FILE --statistics FILE' made \
            of every shard, with the same topics.
            """,
        completion: .file())
    var statistics: [String] = []

    @Flag(help: "Write each traversal's list of each topic, to be gathered, in place of a run.")
    var lists = false

    @Option(
        help: "Make the run (or, with --lists, the lists) of the lists that every shard wrote with --lists.",
        completion: .file())
    var gather: [String] = []

    @Option(
        help: """
            Begin at the scores that the k-th documents of these lists reach, gathered from a first, shallower round: the same hits, \
            in less time.
            """,
        completion: .file())
    var least: String?

    /// Reads what was found elsewhere.
    func read(into options: inout SearchOptions, _ index: SearchIndex) throws {
        if let least {
            let lists = try ShardLists(gathering: [least], of: index)
            try lists.checkCollection(of: index, path: least)
            options.least = lists
        }
        guard !gather.isEmpty else { return }
        let gathered = try ShardLists(gathering: gather, of: index)
        try gathered.check(options)
        options.gathered = gathered
    }

    /// Whether lists are gathered into lists.
    var onlyGathers: Bool { lists && !gather.isEmpty }

    var isUsed: Bool { !statistics.isEmpty || lists || !gather.isEmpty || least != nil }

    /// What cannot be shared out.
    func validate(_ command: SearchCommand) throws {
        guard isUsed else { return }
        guard command.topics != nil || command.queryVectors != nil else {
            throw ValidationError("'--statistics', '--lists', '--gather' and '--least' are for --topics.")
        }
        guard Set(statistics).count == statistics.count, Set(gather).count == gather.count else {
            throw ValidationError("A file of '--statistics' or '--gather' is given twice.")
        }
        let refused = [
            ("--json", command.json), ("--with-run", !command.runFlags.withRun.isEmpty),
            ("--feedback", command.feedbackFlags.feedback != .none),
            ("--missing exact", command.fusionFlags.missing == .exact),
            ("--ranges", command.traversalFlags.ranges != nil),
            ("--range-terms", command.traversalFlags.rangeTerms != nil),
            ("--deadline", command.traversalFlags.deadline != nil),
        ]
        if let (name, _) = refused.first(where: \.1) {
            throw ValidationError(
                "'\(name)' needs all documents in one place; it does not go with shards searched apart.")
        }
        guard gather.isEmpty || (statistics.isEmpty && least == nil) else {
            throw ValidationError("'--gather' searches nothing, so '--statistics' and '--least' do not go with it.")
        }
        guard !lists || command.output != nil else { throw ValidationError("'--lists' needs --output FILE.") }
        guard !lists || command.runTag == nil else {
            throw ValidationError("'--run-tag' is for runs, not for --lists.")
        }
    }
}
