/// What was passed over in a folder, in sentences for people.
package struct FolderNotes {
    private let folder: String
    private let options: FolderOptions

    /// - Parameter folder: Its path as messages shall have it.
    package init(_ folder: String, _ options: FolderOptions) { (self.folder, self.options) = (folder, options) }

    /// All that is to be said of a folder of documents.
    package func all(
        leftOut: [LeftOutFiles], passedOver: [PassedOverFile], staying: [PassedOverFile] = [], guesses: FolderGuesses
    ) -> [String] {
        let kinds = CorpusFolder.extensions(.folder, isNamed: true)
        return [self.leftOut(leftOut, kinds: kinds, readsDocuments: true)].compactMap { $0 }
            + self.passedOver(passedOver) + self.passedOver(staying, stayed: true) + self.guesses(guesses)
    }

    /// What is not read, by kind, and the flags that would take it.
    /// - Parameter kinds: What is read, in words.
    func leftOut(_ files: [LeftOutFiles], kinds: [String], readsDocuments: Bool) -> String? {
        guard !files.isEmpty else { return nil }
        let count = files.reduce(0) { $0 + $1.count }
        let shown = files.prefix(8).map { "\($0.count) \($0.kind)" }
        let others = files.dropFirst(8).reduce(0) { $0 + $1.count }
        var note =
            "\(count) file\(count == 1 ? " was" : "s were") left out of '\(folder)': "
            + (shown + (others > 0 ? ["\(others) others"] : [])).joined(separator: ", ")
            + (kinds.isEmpty ? "." : " (read: \(kinds.joined(separator: " "))).")
        for (flag, takes) in [
            ("--format folder", readsDocuments ? [] : DocumentKind.allCases.filter { $0 != .source }),
            ("--source-files", readsDocuments && !options.takesSourceFiles ? [.source] : []),
        ] {
            let taken = files.filter { file in takes.contains { file.isRead(as: $0) } }
            if taken.isEmpty { continue }
            note += " \(flag) takes \(taken.reduce(0) { $0 + $1.count }) of them"
            note += taken.count == files.count ? "." : ": \(taken.prefix(8).map(\.kind).joined(separator: " "))."
        }
        return note
    }

    /// What could not be read: how many, why, and the first few.
    func passedOver(_ files: [PassedOverFile], stayed: Bool = false) -> [String] {
        let isMissing = { (file: PassedOverFile) in file.fault == .noConverter }
        var notes: [String] = []
        for (group, reason) in [
            (files.filter { !isMissing($0) }, nil), (files.filter(isMissing), FileFault.noConverter),
        ]
        where !group.isEmpty {
            let shown = group.prefix(3).map { reason == nil ? "\($0.name) (\($0.fault))" : $0.name }
            let more = group.count > 3 ? ", and \(group.count - 3) more" : ""
            let advice = Set(group.map(\.fault.advice)).filter { !$0.isEmpty }.sorted()
            let end = stayed ? " What is indexed of them stays." : ""
            notes.append(
                "\(group.count) file\(group.count == 1 ? "" : "s") of '\(folder)' could not be read"
                    + (reason.map { ", as \($0)" } ?? "")
                    + ": \(shown.joined(separator: ", "))\(more).\(end)" + advice.map { " " + $0 }.joined())
        }
        return notes
    }

    /// Whose letters were guessed.
    func guesses(_ guesses: FolderGuesses) -> [String] {
        TextEncoding.Guess.allCases.compactMap { guess in
            guard let files = guesses.names[guess] else { return nil }
            let isOne = files.count == 1
            let more = files.count > 3 ? ", and \(files.count - 3) more" : ""
            return
                "\(files.count) file\(isOne ? " of '\(folder)' is not UTF-8 and was" : "s of '\(folder)' are not UTF-8 and were") "
                + "read as \(guess.rawValue): \(files.prefix(3).joined(separator: ", "))\(more)."
        }
    }
}

/// The files of a folder whose letters were guessed.
package struct FolderGuesses {
    private(set) var names: [TextEncoding.Guess: [String]] = [:]

    /// None yet.
    package init() {}

    mutating func add(_ name: String, _ guess: TextEncoding.Guess?) {
        if let guess { names[guess, default: []].append(name) }
    }
}
