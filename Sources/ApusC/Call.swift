import CApus
import Glibc

/// What a caller did that no call takes.
struct Misuse: Error, CustomStringConvertible {
    /// One line: what was given, what to give.
    let description: String
}

/// The call was told to stop, and nothing of it stays.
struct Cancelled: Error, CustomStringConvertible {
    /// One line.
    var description: String { "The call was cancelled." }
}

/// Where a sentence goes that says what went wrong; NULL for nowhere.
public typealias ErrorPlace = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

/// One call from C: Swift's errors become a number and a sentence.
enum Call {
    /// Runs the body of an entry point.
    static func answering(_ error: ErrorPlace, _ body: () throws -> Void) -> Int32 {
        do {
            try body()
            // Safe: the header asks for a place that can be written, or NULL.
            unsafe error?.pointee = nil
            return Int32(APUS_OK)
        } catch let failure {
            unsafe error?.pointee = text("\(failure)")
            let number =
                switch failure {
                case is Misuse: APUS_MISUSE
                case is Cancelled: APUS_CANCELLED
                default: APUS_FAILED
                }
            return Int32(number)
        }
    }

    /// A copy that `apus_string_free` takes back; what follows a NUL is lost to whoever reads it as C does.
    static func text(_ text: String) -> UnsafeMutablePointer<CChar>? {
        // Safe: the copy is the caller's from here on.
        unsafe strdup(text)
    }

    /// A text that ends with a NUL.
    /// - Throws: ``Misuse`` for NULL and for bytes that are no UTF-8.
    static func string(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(Misuse) -> String {
        guard let pointer = unsafe pointer else {
            throw Misuse(description: "'\(name)' is NULL, and a text is needed.")
        }
        guard let text = unsafe String(validatingCString: pointer) else { throw notUTF8(name) }
        return text
    }

    /// A text of some bytes.
    /// - Throws: As above, and for a negative length.
    static func string(_ pointer: UnsafePointer<CChar>?, _ length: Int64, _ name: String) throws(Misuse) -> String {
        let bytes = try unsafe bytes(pointer, length, name)
        guard let text = unsafe String(validating: bytes, as: UTF8.self) else { throw notUTF8(name) }
        return text
    }

    /// Some bytes of the caller.
    /// - Throws: ``Misuse`` for a negative count, and for NULL with a count.
    static func bytes(
        _ pointer: UnsafePointer<CChar>?, _ length: Int64, _ name: String
    ) throws(Misuse) -> UnsafeRawBufferPointer {
        // Safe: the header asks for `length` bytes at `pointer`.
        UnsafeRawBufferPointer(try unsafe values(pointer, length, name))
    }

    /// Some numbers of the caller.
    /// - Throws: As above.
    static func values<Value>(
        _ pointer: UnsafePointer<Value>?, _ count: Int64, _ name: String
    ) throws(Misuse) -> UnsafeBufferPointer<Value> {
        guard count >= 0 else {
            throw Misuse(description: "The count of '\(name)' is \(count); it cannot be negative.")
        }
        guard unsafe pointer != nil || count == 0 else {
            throw Misuse(description: "'\(name)' is NULL, and \(count) are said to be there.")
        }
        // Safe: as above.
        return unsafe UnsafeBufferPointer(start: pointer, count: Int(count))
    }

    static func notUTF8(_ name: String) -> Misuse { Misuse(description: "'\(name)' is not UTF-8. Encode it as UTF-8.") }

    /// A place to write a result to.
    /// - Throws: ``Misuse`` for NULL.
    static func place<Value>(
        _ pointer: UnsafeMutablePointer<Value>?, _ name: String
    ) throws(Misuse) -> UnsafeMutablePointer<Value> {
        guard let pointer = unsafe pointer else {
            throw Misuse(description: "'\(name)' is NULL, and the result goes there.")
        }
        return unsafe pointer
    }
}
