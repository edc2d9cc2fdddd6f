import Apus
import ApusReports
import ArgumentParser
import CorpusFormats
import InvertedIndex

/// `apus check`
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Compare every byte of an index with its checksums, or repair it.",
        discussion: """
            Reads the newest commit and the one before it that is kept: segments page by page, texts and live documents as a \
            whole. Names the first file that is damaged, and the place in it, and exits with 1.

            --deep also holds postings, bounds, numbers, ids and texts against each other, and prints everything that it finds, \
            one per line.

            --repair drops what cannot be read and makes a new commit of the rest. Documents whose postings are damaged are \
            indexed again from their texts. Each document that is lost is printed as 'lost: ID'. The older commits go.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Option(help: "Check only the commit with this number.")
    var commit: Int?

    @Flag(help: "Hold everything against everything else, and print all that is found.")
    var deep = false

    @Flag(help: "Drop what cannot be read, and say which documents are lost.")
    var repair = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if repair, deep || commit != nil {
            throw ValidationError(
                "--repair goes with neither --deep nor --commit: it reads everything of the newest commit.")
        }
    }

    func run() async throws {
        if repair { return try await runRepair() }
        if deep { return try runDeep() }
        let opened = try SearchIndex(index, commit: commit)
        for note in opened.notes { Terminal.note("note: \(note)") }
        try opened.verify()
        let older = try olderCommits(than: opened)
        for generation in older {
            do { try SearchIndex(index, commit: generation).verify() } catch let error as IndexError {
                // A writer may have removed it meanwhile.
                guard case .noCommit = error else { throw error }
            }
        }
        try printWhole(opened, older, json ? CheckDocument(opened) : nil)
    }

    private func olderCommits(than newest: SearchIndex) throws -> [Int] {
        try commit == nil ? IndexSnapshot.generations(in: index).filter { $0 < newest.snapshot.generation } : []
    }

    private func printWhole(_ opened: SearchIndex, _ older: [Int], _ document: CheckDocument?) throws {
        if let document { return try StandardOutput.print(AnswerJSON.text(document)) }
        let newest = opened.snapshot
        var line = "'\(index)' is whole: \(Format.count(newest.documentCount, "document")), commit \(newest.generation)"
        if !older.isEmpty { line += ", and before it \(older.map(String.init).joined(separator: ", "))" }
        try StandardOutput.print(line + ".")
    }

    private func runDeep() throws {
        var findings: [IndexFinding] = []
        var newest: SearchIndex?
        var older: [Int] = []
        do {
            let opened = try SearchIndex(index, commit: commit)
            newest = opened
            for note in opened.notes { Terminal.note("note: \(note)") }
            findings = try opened.deepCheck()
            older = try olderCommits(than: opened)
        } catch let error as IndexError {
            guard let finding = IndexFinding(error) else { throw error }
            findings.append(finding)
        }
        for generation in older {
            do { try SearchIndex(index, commit: generation).verify() } catch let error as IndexError {
                if case .noCommit = error { continue }
                guard let finding = IndexFinding(error) else { throw error }
                if !findings.contains(where: { $0.file == finding.file }) { findings.append(finding) }
            }
        }
        if findings.isEmpty, let newest {
            return try printWhole(newest, older, json ? CheckDocument(newest, findings: []) : nil)
        }
        if json {
            try StandardOutput.print(AnswerJSON.text(CheckDocument(newest, findings: findings)))
        } else {
            for finding in findings { try StandardOutput.print(finding.description) }
        }
        Terminal.note(
            "'\(index)' is damaged. Restore it from a copy, build it again, or keep what can be read with "
                + "'apus check \(index) --repair'.")
        throw ExitCode(1)
    }

    private func runRepair() async throws {
        let report = try await IndexRepair().run(index)
        for note in report.notes { Terminal.note("note: \(note)") }
        for warning in report.warnings { Terminal.note("warning: \(warning)") }
        if json { return try StandardOutput.print(AnswerJSON.text(report)) }
        for id in report.lost { try StandardOutput.print("lost: \(id)") }
        if report.findings.isEmpty {
            return try StandardOutput.print("'\(index)' is whole; nothing was changed.")
        }
        var line = "Repaired '\(index)': \(Format.count(report.lost.count, "document")) lost"
        if report.lostWithoutID > 0 {
            line +=
                ", and \(Format.count(report.lostWithoutID)) whose \(report.lostWithoutID == 1 ? "id" : "ids") could not be read"
        }
        line +=
            ", \(Format.count(report.indexedAgain)) indexed again from \(report.indexedAgain == 1 ? "its text" : "their texts")"
        line += ", \(Format.count(report.documents)) in commit \(report.commit)."
        try StandardOutput.print(line)
    }
}
