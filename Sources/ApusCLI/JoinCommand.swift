import Apus
import ApusReports
import ArgumentParser
import CorpusFormats

/// `apus join`
struct JoinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Make one index of several.",
        discussion: """
            Segments are taken over by hard links where the file system allows (else they are copied), so that joining takes no time \
            and no room; the parts stay as they are. They must have been built with the same settings, and no document may be in two \
            of them. Each segment keeps its learned scale; build parts with the same one (--learned-scale) for scores that \
            are those of one build. The index is there when all of it is: after an interruption run the same command again.
            """)

    @Argument(help: "The directories of the indexes, in order.", completion: .directory)
    var parts: [String]

    @Option(name: .shortAndLong, help: "The new index: not there yet, or empty.", completion: .directory)
    var output: String

    @Flag(help: "Of documents with the same id take the one of the later index; without it they are refused.")
    var replaceKnown = false

    @Flag(help: "Copy every file and compare the copy with its checksums.")
    var copy = false

    @Flag(help: "Join the segments too, as 'apus merge' does; those with different learned scales stay apart.")
    var merge = false

    @Option(help: "With --merge: segments that may remain; 1 unless given.")
    var to: Int?

    @Flag(help: "With --merge: keep the documents in their order; without it similar ones become neighbours.")
    var keepOrder = false

    @Option(
        help: "With --merge: memory that it may take: 128MB, 512MB, 2GB, …; no limit unless given.",
        transform: MemorySize.parse)
    var memory: MemorySize?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard merge || (to == nil && !keepOrder && memory == nil) else {
            throw ValidationError("'--to', '--keep-order' and '--memory' go with --merge.")
        }
        guard to ?? 1 > 0 else { throw ValidationError("'--to' must be at least 1, not \(to ?? 0).") }
    }

    /// Segments that a search hardly notices.
    private static let many = 4

    func run() async throws {
        var joining = IndexJoining()
        joining.replacesKnown = replaceKnown
        joining.copies = copy
        joining.most = merge ? to ?? 1 : nil
        joining.reorders = !keepOrder
        joining.memory = memory?.bytes
        defer { Terminal.endProgress() }
        let report = try await joining.run(
            parts, to: output, progress: { Terminal.progress("index \($0 + 1) of \(parts.count)") })
        Terminal.endProgress()
        for warning in report.warnings { Terminal.note("warning: \(warning)") }
        if merge, report.segments > to ?? 1 {
            Terminal.note(
                "note: \(report.segments) segments stay apart: their learned scales differ, or joining them takes more memory than was given, or more than one holds."
            )
        }
        if !merge, report.segments > Self.many {
            Terminal.note(
                "note: a search takes longer in \(report.segments) segments than in one; 'apus merge \(output)' joins them, while it is searched."
            )
        }
        if json { return try StandardOutput.printSummary(AnswerJSON.text(report)) }
        let replaced =
            report.replaced == 0 ? "" : ", \(Format.count(report.replaced, "document")) replaced by later ones"
        try StandardOutput.printSummary(
            "'\(output)' holds \(Format.count(report.documents, "document")) of \(Format.count(report.indexes, "index", "indexes"))\(replaced): "
                + "\(Format.count(report.segments, "segment")), \(Format.bytes(report.bytes)); "
                + "\(Format.count(report.linked, "file")) linked, \(report.copied) copied.")
    }
}
