import CApus
import Synchronization

/// Something that long calls ask whether they shall stop.
final class Cancellation: Sendable {
    private let isSet = Atomic(false)
    var isCancelled: Bool { isSet.load(ordering: .relaxed) }
    func cancel() { isSet.store(true, ordering: .relaxed) }
}

/// See `apus.h`.
@c @implementation
public func apus_cancellation_new() -> OpaquePointer? { unsafe Handle.retaining(Cancellation()) }

/// See `apus.h`.
@c @implementation
public func apus_cancel(_ cancellation: OpaquePointer?) {
    let found: Cancellation? = unsafe Handle.optional(cancellation)
    found?.cancel()
}

/// See `apus.h`.
@c @implementation
public func apus_cancellation_free(_ cancellation: OpaquePointer?) {
    unsafe Handle.release(cancellation, Cancellation.self)
}
