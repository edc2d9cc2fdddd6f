import GRDB
import Synchronization

/// Connections to one file of texts, so that threads that read at the same time do not wait for each other: one that is interrupted while it
/// reads would hold up all of them.
///
/// Others than the first are opened when the first time as many read, and a few at most, since each takes a descriptor and some memory. Where
/// none can be opened, because the file is gone since or lies in memory, the first one serves all in turn.
final class DocumentConnections: Sendable {
    private static let most = 4

    private enum Turn {
        case own(DatabaseQueue)
        case new
        case shared
    }

    private struct State {
        var idle: [DatabaseQueue]
        /// Those that were opened, or tried to be.
        var count = 1
    }

    /// The one that is always there.
    let first: DatabaseQueue
    private let open: (@Sendable () throws -> DatabaseQueue)?
    private let state: Mutex<State>

    /// - Parameter open: Opens another one; nil where there is but one.
    init(_ first: DatabaseQueue, _ open: (@Sendable () throws -> DatabaseQueue)? = nil) {
        self.first = first
        self.open = open
        state = Mutex(State(idle: [first]))
    }

    /// Reads without a transaction, which takes longer than some rows: nobody writes the file.
    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        let turn: Turn = state.withLock { state in
            if let idle = state.idle.popLast() { return .own(idle) }
            guard open != nil, state.count < Self.most else { return .shared }
            state.count += 1
            return .new
        }
        var own: DatabaseQueue?
        switch turn {
        case .own(let connection): own = connection
        case .new: own = try? open?()
        case .shared: break
        }
        defer {
            if let own { state.withLock { $0.idle.append(own) } }
        }
        return try (own ?? first).unsafeRead(body)
    }
}
