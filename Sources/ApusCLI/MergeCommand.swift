import Apus
import ApusReports
import ArgumentParser
import CorpusFormats

/// `apus merge`
struct MergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Join the segments of an index, and free what was deleted.",
        discussion: """
            Adding and deleting join segments by themselves, so that their number stays logarithmic. One segment answers fastest \
            and takes the least room; joining everything reads and writes the whole index. Readers go on meanwhile.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Option(help: "Segments that may remain.")
    var to = 1

    @Flag(help: "Keep the documents in their order; without it similar ones become neighbours, for speed and size.")
    var keepOrder = false

    @Option(
        help: """
            Memory that it may take: 128MB, 512MB, 2GB, …; segments whose joining takes more stay apart. No limit unless given.
            """,
        transform: MemorySize.parse)
    var memory: MemorySize?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard to > 0 else { throw ValidationError("'--to' must be at least 1, not \(to).") }
    }

    func run() async throws {
        var joining = SegmentJoining(to: to)
        joining.reorders = !keepOrder
        joining.memory = memory?.bytes
        let report = try await joining.run(index)
        for warning in report.warnings { Terminal.note("warning: \(warning)") }
        if report.segments > to {
            Terminal.note(
                "note: \(report.segments) segments stay apart: their learned scales differ, or joining them takes more memory than was given, or more than one holds."
            )
        }
        if json { return try StandardOutput.printSummary(AnswerJSON.text(report)) }
        try StandardOutput.printSummary(
            "'\(index)': \(report.segmentsBefore) → \(Format.count(report.segments, "segment")), "
                + "\(Format.bytes(report.bytesBefore)) → \(Format.bytes(report.bytes)), "
                + "\(Format.count(report.documents, "document")), commit \(report.commit).")
    }
}
