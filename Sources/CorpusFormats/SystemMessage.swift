import Glibc

/// The operating system's words for an error number.
func systemMessage(_ code: Int32) -> String {
    // Safe: strerror returns a NUL-terminated string that is valid until the next call on this thread.
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
}

/// The number of a call that a signal ended.
let systemInterruption = EINTR
