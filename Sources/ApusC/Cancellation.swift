import CApus
import Synchronization

/// Something that long calls ask whether they shall stop.
final class Cancellation: Sendable {
    private let isSet = Atomic(false)
    var isCancelled: Bool { isSet.load(ordering: .relaxed) }
    func cancel() { isSet.store(true, ordering: .relaxed) }
}

@c @implementation
public func apus_cancellation_new() -> OpaquePointer? { Handle.retaining(Cancellation()) }

@c @implementation
public func apus_cancel(_ cancellation: OpaquePointer?) {
    let found: Cancellation? = Handle.optional(cancellation)
    found?.cancel()
}

@c @implementation
public func apus_cancellation_free(_ cancellation: OpaquePointer?) { Handle.release(cancellation, Cancellation.self) }
