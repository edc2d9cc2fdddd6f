import Apus

/// What changes in order come to: one end for each document, however often it was changed.
///
/// So a bulk of any length is one update and one deletion, encoded together.
struct ChangeSum {
    private enum End {
        case absent
        case document(CorpusDocument)
        /// As the index has it.
        case kept
    }

    private let present: Set<ByteString>
    private var ends: [ByteString: End] = [:]
    private var order: [String] = []

    /// - Parameter present: Of the ids that are changed, those that the index has.
    init(present: Set<ByteString>) { self.present = present }

    /// Adds a change behind the others.
    /// - Returns: What becomes of it.
    mutating func add(_ change: IndexChange) -> ChangeOutcome {
        let id = ByteString(change.id)
        let isThere: Bool
        switch ends[id] {
        case .document, .kept: isThere = true
        case .absent: isThere = false
        case nil:
            isThere = present.contains(id)
            ends[id] = isThere ? .kept : .absent
            order.append(change.id)
        }
        switch change {
        case .create where isThere: return .conflict
        case .create(let document), .put(let document):
            ends[id] = .document(document)
            return isThere ? .updated : .created
        case .delete:
            ends[id] = .absent
            return isThere ? .deleted : .notFound
        }
    }

    /// Documents to add or replace, each id once.
    var updates: [CorpusDocument] {
        order.compactMap { if case .document(let document) = ends[ByteString($0)] { document } else { nil } }
    }

    /// Documents of the index to delete.
    var deletions: [String] {
        order.filter { id in
            if case .absent = ends[ByteString(id)] { present.contains(ByteString(id)) } else { false }
        }
    }
}
