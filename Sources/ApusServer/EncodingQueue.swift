import Apus
import DequeModule
import Dispatch
import Foundation
import Synchronization

/// Encodes the queries that arrive while others are encoded, together.
///
/// One thread takes what waits, at most a batch, and hands it to the encoder with all its threads. A query alone waits for nobody.
final class EncodingQueue: Sendable {
    private struct Waiting: Sendable {
        let text: String
        let side: QuerySide
        let encoder: SparseEncoder
        let done: @Sendable (Result<SparseVector, any Error>) -> Void
    }

    private struct State {
        var waiting = Deque<Waiting>()
        var isClosed = false
        var batches = 0
        var texts = 0
    }

    private let state = Mutex(State())
    private let arrived = DispatchSemaphore(value: 0)
    private let batch: Int
    private let limit: Int
    private let threads: Int

    /// - Parameters:
    ///   - batch: Texts at a time.
    ///   - waiting: Texts that wait at most.
    ///   - threads: Threads that encode a batch.
    init(batch: Int, waiting: Int, threads: Int) {
        self.batch = max(1, batch)
        limit = max(1, waiting)
        self.threads = max(1, threads)
        let thread = Thread { [self] in serve() }
        thread.name = "apus encode"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// How many batches there were, and how many texts in them.
    var served: (batches: Int, texts: Int) { state.withLock { ($0.batches, $0.texts) } }

    /// The learned query of a text.
    /// - Throws: ``ServerError/busy`` when too many wait; `EncoderError`.
    func encode(_ text: String, _ encoder: SparseEncoder, side: QuerySide) async throws -> SparseVector {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = state.withLock { state in
                guard !state.isClosed, state.waiting.count < limit else { return false }
                state.waiting.append(
                    Waiting(text: text, side: side, encoder: encoder) { continuation.resume(with: $0) })
                return true
            }
            if isTaken { arrived.signal() } else { continuation.resume(throwing: ServerError.busy) }
        }
    }

    /// Ends the thread when nothing waits any more.
    func close() {
        state.withLock { $0.isClosed = true }
        arrived.signal()
    }

    private func serve() {
        while true {
            arrived.wait()
            let (taken, isClosed) = state.withLock { state -> ([Waiting], Bool) in
                // Those of one model and side; the others are next.
                guard let first = state.waiting.first else { return ([], state.isClosed) }
                var taken: [Waiting] = []
                while taken.count < batch, let next = state.waiting.first, next.encoder === first.encoder,
                    next.side == first.side
                {
                    taken.append(next)
                    state.waiting.removeFirst()
                }
                state.batches += 1
                state.texts += taken.count
                return (taken, state.isClosed)
            }
            guard let first = taken.first else {
                if isClosed { return }
                continue
            }
            do {
                let vectors = try first.encoder.encodeQueries(taken.map(\.text), side: first.side, threads: threads)
                for (waiting, vector) in zip(taken, vectors) { waiting.done(.success(vector)) }
            } catch {
                for waiting in taken { waiting.done(.failure(error)) }
            }
        }
    }
}
