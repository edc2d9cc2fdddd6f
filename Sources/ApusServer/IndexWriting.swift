import Apus

/// A change that a client asks for.
enum IndexChange: Sendable {
    /// Adds a document, which must be new.
    case create(CorpusDocument)
    /// Adds a document, or replaces the one with its id.
    case put(CorpusDocument)
    /// Deletes the document with this id.
    case delete(String)

    var id: String {
        switch self {
        case .create(let document), .put(let document): document.id
        case .delete(let id): id
        }
    }
}

/// What became of a change.
enum ChangeOutcome: Sendable, Equatable {
    case created
    case updated
    case deleted
    case notFound
    /// The document was there already.
    case conflict
    case failed(String)
}

/// Writes an index for all clients of a server, one after another, and tells each when its changes are durable.
///
/// Requests that come while others are committed share the next commit. The write lock is taken for the first change and kept; until then
/// another process may write.
actor IndexWriting {
    private struct Request {
        let changes: [IndexChange]
        let done: CheckedContinuation<[ChangeOutcome], any Error>
    }

    private let directory: String
    private var updater: IndexUpdater?
    private var waiting: [Request] = []
    private var isWriting = false

    init(_ directory: String) { self.directory = directory }

    /// Applies changes in order; when this returns they are committed and survive a crash.
    /// - Returns: What became of each.
    /// - Throws: `IndexError`, also when another process writes; then nothing of the request is kept.
    func apply(_ changes: [IndexChange]) async throws -> [ChangeOutcome] {
        try await withCheckedThrowingContinuation { continuation in
            waiting.append(Request(changes: changes, done: continuation))
            if !isWriting {
                isWriting = true
                Task { await write() }
            }
        }
    }

    private func write() async {
        while !waiting.isEmpty {
            let requests = waiting
            waiting = []
            do {
                let updater = try open()
                var outcomes: [[ChangeOutcome]] = []
                for request in requests { outcomes.append(try await apply(request.changes, updater)) }
                try await updater.commit()
                for (request, outcomes) in zip(requests, outcomes) { request.done.resume(returning: outcomes) }
            } catch {
                // What was begun is dropped with the updater: the next one starts from the commit.
                updater = nil
                for request in requests { request.done.resume(throwing: error) }
            }
        }
        isWriting = false
    }

    private func open() throws -> IndexUpdater {
        if let updater { return updater }
        let opened = try IndexUpdater(directory)
        updater = opened
        return opened
    }

    private func apply(_ changes: [IndexChange], _ updater: IndexUpdater) async throws -> [ChangeOutcome] {
        var outcomes: [ChangeOutcome] = []
        var puts: [CorpusDocument] = []
        for change in changes {
            // Documents in a row are encoded together.
            if case .put(let document) = change, !puts.contains(where: { $0.id.utf8.elementsEqual(document.id.utf8) }) {
                puts.append(document)
                continue
            }
            outcomes += try await put(puts, updater)
            puts = []
            switch change {
            case .put(let document): puts = [document]
            case .create(let document):
                do {
                    try await updater.add([document])
                    outcomes.append(.created)
                } catch IndexError.duplicateDocument {
                    outcomes.append(.conflict)
                }
            case .delete(let id): outcomes.append(try await updater.delete([id]).first == true ? .deleted : .notFound)
            }
        }
        return outcomes + (try await put(puts, updater))
    }

    private func put(_ documents: [CorpusDocument], _ updater: IndexUpdater) async throws -> [ChangeOutcome] {
        guard !documents.isEmpty else { return [] }
        let replaced = await updater.contains(documents.map(\.id))
        try await updater.update(documents)
        return replaced.map { $0 ? .updated : .created }
    }

    /// Lets the write lock go, when nothing is being written any more.
    func close() async {
        while isWriting { try? await Task.sleep(for: .milliseconds(5)) }
        updater = nil
    }
}
