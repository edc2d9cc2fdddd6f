import Foundation
import Synchronization

/// Ctrl-C asks for an orderly end; a second Ctrl-C ends at once. A reader that closes the pipe is no error.
enum Signals {
    private static let interruptions = Atomic<Int>(0)

    /// Whether the person asked to stop.
    static var isInterrupted: Bool { interruptions.load(ordering: .relaxed) > 0 }

    /// Only an exit and one atomic counter are touched inside the handlers, both allowed there.
    static func install() {
        signal(SIGPIPE) { _ in _exit(0) }
        signal(SIGXFSZ, SIG_IGN)  // A file-size limit then fails the write, like a full disk.
    }

    /// From here on, Ctrl-C (and `kill`) sets ``isInterrupted`` instead of ending the process.
    static func catchInterruption() {
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in
            if Signals.interruptions.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
        }
        // Without SA_RESTART, so that a read that waits for standard input ends too.
        for number in [SIGINT, SIGTERM] { unsafe sigaction(number, &action, nil) }
    }
}
