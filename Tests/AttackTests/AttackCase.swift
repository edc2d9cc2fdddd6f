import Testing

/// What is attacked: a command, and the kind of index that it works on.
struct AttackCase: Sendable, CustomTestStringConvertible {
    enum Verb: String, Sendable, CaseIterable {
        // `imported` builds from a CIFF file.
        case build, append, resume, replace, reorder, imported
        // On an index with several segments and deleted documents.
        case update, delete, merge, mergeInOrder, backup, copy, join, joinCopies, repair

        /// Whether the command makes an index where none was.
        var isFirst: Bool { [.build, .reorder, .imported].contains(self) || isBackup }
        /// Whether there are enough documents to put them in order.
        var isLarge: Bool { self == .reorder || self == .mergeInOrder }
        /// Whether it makes another index of one.
        var isBackup: Bool { [.backup, .copy, .join, .joinCopies].contains(self) }
        /// Whether what it works on was changed before.
        var needsChanges: Bool { ![.build, .append, .resume, .replace, .reorder, .imported].contains(self) }
    }
    enum Kind: String, Sendable, CaseIterable { case bm25, learned, vectors }
    var verb: Verb
    var kind: Kind

    var testDescription: String { "\(verb.rawValue) \(kind.rawValue)" }

    /// All of them at length, and in every test run some, which take every way to change an index and every kind of field.
    static let all = AttackScale.isLong ? everything : some

    private static let some =
        Verb.allCases.filter { ![.resume, .mergeInOrder, .copy, .joinCopies].contains($0) }.map {
            AttackCase(verb: $0, kind: .bm25)
        }
        + [
            AttackCase(verb: .append, kind: .learned), AttackCase(verb: .repair, kind: .learned),
            AttackCase(verb: .build, kind: .vectors), AttackCase(verb: .update, kind: .vectors),
            AttackCase(verb: .merge, kind: .vectors),
        ]

    private static let everything =
        Verb.allCases.map { AttackCase(verb: $0, kind: .bm25) }
        + [.build, .append, .replace, .update, .merge, .repair].map { AttackCase(verb: $0, kind: .learned) }
        + [
            .build, .append, .replace, .imported, .update, .delete, .merge, .mergeInOrder, .copy, .joinCopies, .repair,
        ].map {
            AttackCase(verb: $0, kind: .vectors)
        }

    /// How many of a sort of attack belong to every test run.
    func sample(_ bm25: Int, others: Int, large: Int) -> Int { verb.isLarge ? large : kind == .bm25 ? bm25 : others }
}
