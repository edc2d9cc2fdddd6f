import Apus
import Foundation
import HTTPTypes
import Synchronization

/// An index behind a server: the commit that answers, the snapshots held for paging, and who writes.
final class ServedIndex: Sendable {
    private struct Held {
        let index: SearchIndex
        var until: ContinuousClock.Instant
        var keep: Duration
    }

    private struct State {
        var current: SearchIndex
        var looked: ContinuousClock.Instant
        var held: [String: Held] = [:]
    }

    /// The name in paths.
    let name: String
    /// Applies changes, several requests' in one commit.
    let writer: IndexWriting
    private let state: Mutex<State>
    private let mostSnapshots: Int

    /// How old the newest commit may be without having been looked for: others than this server may write, too.
    private static let freshness = Duration.seconds(1)

    init(name: String, _ index: SearchIndex, mostSnapshots: Int, waitingWrites: Int) {
        self.name = name
        self.mostSnapshots = mostSnapshots
        writer = IndexWriting(index.directory, waiting: waitingWrites)
        state = Mutex(State(current: index, looked: .now))
    }

    /// The index at its newest commit.
    /// - Parameter now: Whether a commit of this moment must be seen.
    /// - Throws: `IndexError`.
    func newest(now: Bool = false) throws -> SearchIndex {
        try state.withLock { state in
            let time = ContinuousClock.now
            guard now || time - state.looked > Self.freshness else { return state.current }
            state.current = try state.current.refresh()
            state.looked = time
            return state.current
        }
    }

    /// Holds the newest commit under a token until nobody has asked for it for a while.
    /// - Throws: ``ServerError`` when too many are held; `IndexError`.
    func hold(for keep: Duration) throws -> String {
        let index = try newest(now: true)
        return try state.withLock { state in
            let time = ContinuousClock.now
            state.held = state.held.filter { $0.value.until > time }
            guard state.held.count < mostSnapshots else {
                throw ServerError(
                    .tooManyRequests, "\(mostSnapshots) snapshots of '\(name)' are held. Give one back, or wait.",
                    retryAfter: 10)
            }
            let token = UUID().uuidString.lowercased()
            state.held[token] = Held(index: index, until: time + keep, keep: keep)
            return token
        }
    }

    /// The index that a token holds, for another while; nil when it holds none, or none any more.
    func held(_ token: String) -> SearchIndex? {
        state.withLock { state in
            let time = ContinuousClock.now
            guard var held = state.held[token], held.until > time else {
                state.held[token] = nil
                return nil
            }
            held.until = time + held.keep
            state.held[token] = held
            return held.index
        }
    }

    /// Gives a held snapshot back.
    /// - Returns: Whether there was one.
    func release(_ token: String) -> Bool { state.withLock { $0.held.removeValue(forKey: token) != nil } }

    /// Snapshots held now.
    var heldCount: Int { state.withLock { $0.held.count } }
}
