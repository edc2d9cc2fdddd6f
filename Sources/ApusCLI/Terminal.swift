import Foundation

/// Standard error, as a place for people.
enum Terminal {
    /// Whether progress can be drawn.
    static let isInteractive = isatty(STDERR_FILENO) == 1

    /// One line of information.
    static func note(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    /// Redraws the progress line; nothing when nobody watches.
    static func progress(_ line: String) {
        guard isInteractive else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
    }

    /// Clears the progress line.
    static func endProgress() { progress("") }
}
