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

    /// Documents that are processed together: enough to encode them side by side, few enough to hold.
    private static let together = 1024

    private let directory: String
    private let most: Int
    private let thread: ThreadExecutor
    private var updater: IndexUpdater?
    private var waiting: [Request] = []
    private var isWriting = false

    /// - Parameter waiting: Requests that wait for a commit at most.
    init(_ directory: String, waiting most: Int) {
        self.directory = directory
        self.most = most
        thread = ThreadExecutor("apus write")
    }

    /// Applies changes in order; when this returns they are committed and survive a crash.
    /// - Returns: What became of each.
    /// - Throws: `IndexError`, also when another process writes; then nothing of the request is kept. ``ServerError/busy`` when too many
    ///   wait.
    func apply(_ changes: [IndexChange]) async throws -> [ChangeOutcome] {
        guard waiting.count < most else { throw ServerError.busy }
        return try await withCheckedThrowingContinuation { continuation in
            waiting.append(Request(changes: changes, done: continuation))
            if !isWriting {
                isWriting = true
                Task(executorPreference: thread) { await self.write() }
            }
        }
    }

    private func write() async {
        while !waiting.isEmpty {
            let requests = waiting
            waiting = []
            if await write(requests) { continue }
            // One of them is at fault; the others are not.
            for request in requests { _ = await write([request]) }
        }
        isWriting = false
    }

    /// Commits requests together.
    /// - Returns: False when that failed and there are several, which are not answered then.
    private func write(_ requests: [Request]) async -> Bool {
        do {
            let updater = try open()
            let ids = Array(Set(requests.flatMap { $0.changes.map { ByteString($0.id) } }))
            let isPresent = await updater.contains(ids.map(\.string))
            var sum = ChangeSum(present: Set(zip(ids, isPresent).filter(\.1).map(\.0)))
            let outcomes = requests.map { $0.changes.map { sum.add($0) } }
            var updates = sum.updates[...]
            while !updates.isEmpty {
                try await updater.update(Array(updates.prefix(Self.together)))
                updates = updates.dropFirst(Self.together)
            }
            if !sum.deletions.isEmpty { try await updater.delete(sum.deletions) }
            try await updater.commit()
            for (request, outcomes) in zip(requests, outcomes) { request.done.resume(returning: outcomes) }
        } catch {
            // What was begun is dropped with the updater: the next one starts from the commit.
            updater = nil
            guard requests.count == 1 else { return false }
            requests[0].done.resume(throwing: error)
        }
        return true
    }

    private func open() throws -> IndexUpdater {
        if let updater { return updater }
        let opened = try IndexUpdater(directory)
        updater = opened
        return opened
    }

    /// Lets the write lock go, when nothing is being written any more.
    func close() async {
        while isWriting { try? await Task.sleep(for: .milliseconds(5)) }
        updater = nil
        thread.close()
    }
}
