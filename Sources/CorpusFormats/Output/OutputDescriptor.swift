import Glibc

/// A file descriptor that is written to completely, or fails with the system's word.
struct OutputDescriptor {
    /// The descriptor.
    let number: Int32
    /// What it is called in messages; `-` is standard output.
    let path: String

    /// Writes all bytes: goes on after a signal and a short write, and waits where the other side set it not to block.
    ///
    /// - Throws: ``FormatError/io(path:operation:code:)``.
    func write(_ bytes: [UInt8]) throws(FormatError) { try write(bytes[...]) }

    /// As above.
    func write(_ bytes: ArraySlice<UInt8>) throws(FormatError) {
        var rest = bytes
        while !rest.isEmpty {
            // Safe: the pointer and the count are those of the slice, which outlives the call.
            let (written, code) = unsafe rest.withUnsafeBytes { part in
                (unsafe Glibc.write(number, part.baseAddress, part.count), errno)
            }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written < 0, code == EAGAIN {
                var waiting = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
                unsafe poll(&waiting, 1, -1)
            } else if written == 0 || code != EINTR {
                throw .io(path: path, operation: "write", code: written == 0 ? ENOSPC : code)
            }
        }
    }
}

extension FormatError {
    /// Whether a reader of the output, as `head`, has gone: that is no failure of what was asked for.
    public var isClosedPipe: Bool {
        if case .io(_, "write", EPIPE) = self { true } else { false }
    }
}
