import HTTPTypes
import Synchronization

/// The bytes of bodies that all requests together may hold, so that many large ones do not add up to more than there is.
final class BodyBudget: Sendable {
    private let left: Mutex<Int>

    init(_ bytes: Int) { left = Mutex(bytes) }

    fileprivate func take(_ bytes: Int) -> Bool {
        left.withLock { left in
            guard left >= bytes else { return false }
            left -= bytes
            return true
        }
    }

    fileprivate func giveBack(_ bytes: Int) { left.withLock { $0 += bytes } }
}

/// What one request holds of the budget, given back when it is answered.
final class HeldBytes: Sendable {
    private let budget: BodyBudget
    private let held = Mutex(0)

    init(of budget: BodyBudget) { self.budget = budget }

    deinit { budget.giveBack(held.withLock { $0 }) }

    /// Takes more.
    /// - Throws: ``ServerError`` with 429 when all requests together hold too much.
    func take(_ bytes: Int) throws(ServerError) {
        guard budget.take(bytes) else {
            throw ServerError(
                .tooManyRequests, "The bodies of other requests take all the room. Try again.", retryAfter: 1)
        }
        held.withLock { $0 += bytes }
    }
}
