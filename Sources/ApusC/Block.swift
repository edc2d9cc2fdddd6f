import Glibc

/// One block of memory for a result with everything that it points to, so that one `free` gives it back.
@safe struct Block {
    private let start: UnsafeMutableRawPointer
    private var used = 0
    private let capacity: Int

    /// Room for a head of this type and `bytes` behind it.
    init<Head>(_: Head.Type, bytes: Int) {
        capacity = MemoryLayout<Head>.size + 16 + bytes
        unsafe start = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        used = (MemoryLayout<Head>.size + 15) & ~15
    }

    /// The head.
    func head<Head>(_: Head.Type) -> UnsafeMutablePointer<Head> { unsafe start.bindMemory(to: Head.self, capacity: 1) }

    /// Numbers behind what is there.
    mutating func append<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafePointer<Value> {
        used = (used + MemoryLayout<Value>.alignment - 1) & ~(MemoryLayout<Value>.alignment - 1)
        let bytes = values.count * MemoryLayout<Value>.stride
        precondition(used + bytes <= capacity, "the block has room for what was announced")
        // Safe: the room was checked.
        let place = unsafe (start + used).bindMemory(to: Value.self, capacity: values.count)
        unsafe place.update(from: values, count: values.count)
        used += bytes
        return unsafe UnsafePointer(place)
    }

    /// A text with a NUL behind it.
    mutating func append(_ text: String) -> UnsafePointer<CChar> {
        unsafe append(text.utf8CString.map { $0 })
    }

    /// Texts with a NUL behind each, one after another.
    mutating func append(terminated texts: [String]) -> (bytes: UnsafePointer<CChar>, count: Int) {
        let first = used
        for var text in texts {
            text.withUTF8 { bytes in
                precondition(used + bytes.count < capacity, "the block has room for what was announced")
                if let base = bytes.baseAddress { unsafe (start + used).copyMemory(from: base, byteCount: bytes.count) }
                unsafe start.storeBytes(of: 0, toByteOffset: used + bytes.count, as: UInt8.self)
                used += bytes.count + 1
            }
        }
        return unsafe (UnsafePointer((start + first).bindMemory(to: CChar.self, capacity: used - first)), used - first)
    }

    /// The bytes that ``append(terminated:)`` takes.
    static func size(_ texts: [String]) -> Int { texts.reduce(0) { $0 + $1.utf8.count + 1 } }
}
