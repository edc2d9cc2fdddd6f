import CorpusFormats
import Foundation
import Synchronization

/// Ctrl-C asks for an orderly end, and so do `kill` and a terminal that closes; the second time ends at once.
enum Signals {
    private static let interruptions = Atomic<Int>(0)
    private static let last = Atomic<Int32>(SIGINT)

    /// Whether the person asked to stop.
    static var isInterrupted: Bool { interruptions.load(ordering: .relaxed) > 0 }

    /// What an interrupted command leaves, as shells count: 128 and the signal's number, so 130 after Ctrl-C (SIGINT), 143 after `kill`
    /// (SIGTERM), 129 when the terminal closed (SIGHUP).
    static var exitCode: Int32 { 128 + last.load(ordering: .relaxed) }

    /// A reader that closes the pipe makes the write fail, and the verb decides what that means. A limit of file sizes does the same, like a full disk.
    static func install() {
        StandardStreams.occupyClosed()
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// From here on, SIGINT, SIGTERM and SIGHUP set ``isInterrupted`` instead of ending the process.
    ///
    /// A hang-up that was ignored before (`nohup`) stays ignored. Only an exit and two atomic counters are touched inside the handler,
    /// both allowed there.
    static func catchInterruption() {
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { number in
            Signals.last.store(number, ordering: .relaxed)
            if Signals.interruptions.add(1, ordering: .relaxed).newValue > 1 { _exit(128 + number) }
        }
        // Without SA_RESTART, so that a read that waits for standard input ends too.
        for number in [SIGINT, SIGTERM, SIGHUP] where number != SIGHUP || !isIgnored(number) {
            unsafe sigaction(number, &action, nil)
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var current = sigaction()
        guard unsafe sigaction(number, nil, &current) == 0 else { return false }
        // The pointers are compared as numbers, for SIG_IGN is none.
        return unsafe unsafeBitCast(current.__sigaction_handler.sa_handler, to: UInt.self)
            == unsafeBitCast(SIG_IGN, to: UInt.self)
    }
}
