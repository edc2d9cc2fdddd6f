import Glibc
import Synchronization

/// Standard output, checked: whatever a verb prints goes through here, and what cannot be written is an error.
///
/// Lines are kept until there are many of them, or until each ends where a person watches. The first failure stays: later calls
/// throw it again, so none can be lost. At the end of the process ``flush()`` must be called.
public enum StandardOutput {
    private struct State {
        var pending: [UInt8] = []
        var failure: FormatError?
    }

    private static let state = Mutex(State())

    /// Whether a person watches: then control characters are shown instead of obeyed.
    public static let isTerminal = isatty(STDOUT_FILENO) == 1

    /// Prints a line.
    ///
    /// - Throws: ``FormatError/io(path:operation:code:)`` for `-`; see ``FormatError/isClosedPipe``.
    public static func print(_ line: String) throws(FormatError) {
        let failure = state.withLock { state -> FormatError? in
            state.pending.append(contentsOf: line.utf8)
            state.pending.append(0x0A)
            if isTerminal || state.pending.count >= 1 << 16 { flush(&state) }
            return state.failure
        }
        if let failure { throw failure }
    }

    /// Prints what a verb says at the end of work that is done and kept. A reader that has gone does not undo the work.
    ///
    /// - Throws: ``FormatError/io(path:operation:code:)`` for every other failure.
    public static func printSummary(_ text: String) throws(FormatError) {
        do throws(FormatError) {
            try print(text)
            try flush()
        } catch {
            if !error.isClosedPipe { throw error }
        }
    }

    /// Writes what is pending.
    ///
    /// - Throws: The first failure of all.
    public static func flush() throws(FormatError) {
        let failure = state.withLock { state -> FormatError? in
            flush(&state)
            return state.failure
        }
        if let failure { throw failure }
    }

    private static func flush(_ state: inout State) {
        let pending = state.pending
        state.pending.removeAll(keepingCapacity: true)
        guard state.failure == nil else { return }
        do throws(FormatError) {
            try OutputDescriptor(number: STDOUT_FILENO, path: "-").write(pending)
        } catch { state.failure = error }
    }
}

/// Standard error: progress and notes. That nobody reads them is no failure.
public enum StandardError {
    /// Writes text, after what is pending for standard output, so that a terminal shows both in their order.
    public static func write(_ text: String) {
        try? StandardOutput.flush()
        try? OutputDescriptor(number: STDERR_FILENO, path: "-").write(Array(text.utf8))
    }
}

/// Standard input, output and error of a process that was started with one of them closed.
public enum StandardStreams {
    /// Makes sure that 0, 1 and 2 are taken, so that no file of an index gets one of these numbers and what is printed lands in it.
    /// They stay unusable: reading or writing says "bad file descriptor".
    public static func occupyClosed() {
        for (number, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
        where fcntl(number, F_GETFD) < 0 {
            // Safe: Swift passes a NUL-terminated string. The lowest free number is this one.
            _ = unsafe open("/dev/null", mode)
        }
    }
}
