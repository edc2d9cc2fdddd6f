import Synchronization

/// Objects that are dear to make and used by one thread at a time, kept for the next: as many as were ever used at the same time.
///
///     let buffers = ObjectPool { Buffer(count: 1 << 20) }
///     let sum = buffers.withObject { $0.sum(of: list) }
public final class ObjectPool<Object>: Sendable {
    /// An object waits here for one thread at a time.
    private struct Idle: @unchecked Sendable { let object: Object }
    private let idle = Mutex<[Idle]>([])
    private let make: @Sendable () -> Object

    /// An empty pool.
    /// - Parameter make: Makes an object when none is idle.
    public init(_ make: @escaping @Sendable () -> Object) { self.make = make }

    /// An object that nobody else uses; it goes back with ``give(_:)``.
    public func take() -> Object { idle.withLock { $0.popLast() }?.object ?? make() }

    /// Gives back what was taken.
    public func give(_ object: Object) {
        let waiting = Idle(object: object)
        idle.withLock { $0.append(waiting) }
    }

    /// Lends an object to `body`.
    public func withObject<Result>(_ body: (Object) throws -> Result) rethrows -> Result {
        let object = take()
        defer { give(object) }
        return try body(object)
    }
}
