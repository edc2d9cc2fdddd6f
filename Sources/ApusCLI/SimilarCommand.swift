import Apus
import ApusReports
import ArgumentParser

/// `apus similar`
struct SimilarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "similar",
        abstract: "Find the documents most like one of the index.",
        discussion: """
            The document's heaviest learned terms and its rarest words ask, as a search does; hybrid unless --mode says otherwise. \
            An index made with --store-vectors answers faster.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Argument(help: "The document's id.")
    var document: String

    @Option(help: "bm25, splade, hybrid or fused.")
    var mode: SearchMode?

    @Option(name: [.customShort("k"), .long], help: "Documents.")
    var hits = 10

    @Option(help: "Terms of the document that ask, of each field.")
    var terms = 48

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var rankingFlags: RankingFlags
    @OptionGroup var indexFlags: IndexFlags

    func validate() throws {
        guard hits > 0, terms > 0 else { throw ValidationError("'-k' and '--terms' must be at least 1.") }
    }

    func run() throws {
        let opened = try indexFlags.open(index)
        var options = rankingFlags.options(opened)
        (options.mode, options.hits) = (mode, hits)
        let answer = try opened.withTexts(opened.similar(to: document, options, terms: terms))
        if json { return try StandardOutput.print(AnswerJSON.text(AnswerDocument(document, answer, in: opened))) }
        if answer.documents.isEmpty { try StandardOutput.print("No document shares a term with '\(document)'.") }
        for document in answer.documents { try StandardOutput.print(AnswerText.lines(document)) }
    }
}
