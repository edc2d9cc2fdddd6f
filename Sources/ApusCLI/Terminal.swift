import Apus
import CorpusFormats
import Foundation

/// Standard error, as a place for people.
enum Terminal {
    /// Whether progress can be drawn.
    static let isInteractive = isatty(STDERR_FILENO) == 1

    /// One line of information, or several of a usage message.
    static func note(_ line: String) { StandardError.write(line.showingControls(except: ["\n"]) + "\n") }

    /// Redraws the progress line; nothing when nobody watches.
    static func progress(_ line: String) {
        guard isInteractive else { return }
        StandardError.write("\r\u{1B}[K" + line.showingControls())
    }

    /// Clears the progress line.
    static func endProgress() { progress("") }
}
