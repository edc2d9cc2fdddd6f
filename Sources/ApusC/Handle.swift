/// Swift objects as the handles that C holds.
enum Handle {
    /// A handle that owns the object until ``release(_:_:)``.
    static func retaining(_ object: some AnyObject & Sendable) -> OpaquePointer {
        unsafe OpaquePointer(Unmanaged.passRetained(object).toOpaque())
    }

    /// The object of a handle.
    /// - Throws: ``Misuse`` for NULL.
    static func object<Object: AnyObject>(_ handle: OpaquePointer?, _ name: String) throws(Misuse) -> Object {
        guard let found: Object = unsafe optional(handle) else {
            throw Misuse(description: "'\(name)' is NULL, and an open one is needed.")
        }
        return found
    }

    /// The object of a handle that may be NULL.
    static func optional<Object: AnyObject>(_ handle: OpaquePointer?) -> Object? {
        // Safe: the header asks for a handle that its own function made and that was not given back.
        unsafe handle.map { unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
    }

    /// Gives the object back; NULL is nothing.
    static func release<Object: AnyObject>(_ handle: OpaquePointer?, _: Object.Type) {
        guard let handle = unsafe handle else { return }
        // Safe: as above, and the caller uses the handle no more.
        unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).release()
    }
}
