import Apus
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

    private let queue: BoundedQueue<Waiting>
    private let estimate: WaitEstimate
    private let counts = Mutex((batches: 0, texts: 0))

    /// - Parameters:
    ///   - batch: Texts at a time.
    ///   - waiting: Texts that wait at most.
    ///   - longest: How long texts wait at most, about.
    ///   - threads: Threads that encode a batch.
    init(
        batch: Int, waiting: Int, longest: Duration = .seconds(60), threads: Int,
        _ overload: WaitEstimate.Overload = .init()
    ) {
        queue = BoundedQueue(limit: waiting)
        // A batch has all threads: its time is that of its texts one after another.
        estimate = WaitEstimate(longest: longest, threads: 1, overload)
        Thread.serving("apus encode") { [self] in
            // Those of one model and side go together.
            while let taken = queue.take(max(1, batch), { $0.encoder === $1.encoder && $0.side == $1.side }) {
                counts.withLock { $0 = ($0.batches + 1, $0.texts + taken.count) }
                let start = ContinuousClock.now
                Self.encode(taken, threads: max(1, threads))
                estimate.took((ContinuousClock.now - start).seconds, pieces: taken.count)
            }
        }
    }

    /// How many batches there were, and how many texts in them.
    var served: (batches: Int, texts: Int) { counts.withLock { $0 } }

    /// The learned query of a text.
    /// - Throws: ``ServerError/busy`` when too many wait, or too long; `EncoderError`.
    func encode(_ text: String, _ encoder: SparseEncoder, side: QuerySide) async throws -> SparseVector {
        guard !estimate.isTooLong(behind: queue.count) else { throw ServerError.busy }
        return try await withCheckedThrowingContinuation { continuation in
            let waiting = Waiting(text: text, side: side, encoder: encoder) { continuation.resume(with: $0) }
            if !queue.offer(waiting) { continuation.resume(throwing: ServerError.busy) }
        }
    }

    /// Ends the thread when nothing waits any more.
    func close() { queue.close() }

    private static func encode(_ taken: [Waiting], threads: Int) {
        do {
            let vectors = try taken[0].encoder.encodeQueries(taken.map(\.text), side: taken[0].side, threads: threads)
            for (waiting, vector) in zip(taken, vectors) { waiting.done(.success(vector)) }
        } catch {
            for waiting in taken { waiting.done(.failure(error)) }
        }
    }
}
