package import Apus
import Foundation

/// The line that is redrawn while documents are indexed: bar, count, rate, time left.
package struct ProgressLine {
    private let width = 24

    /// The line.
    package init() {}

    /// `[#########---------------]  38 %  12,345 documents  812/s  01:23 left`
    package func text(_ progress: BuildProgress) -> String {
        if progress.isMerging {
            return "\(Format.count(progress.documents, "document")) read; joining and ordering segments"
        }
        var parts: [String] = []
        if let fraction = progress.fraction {
            let full = Int(fraction * Double(width))
            parts.append("[" + String(repeating: "#", count: full) + String(repeating: "-", count: width - full) + "]")
            parts.append(String(format: "%3.0f %%", fraction * 100))
        }
        parts.append("\(Format.count(progress.documents, "document"))")
        parts.append("\(Format.rate(progress.rate))/s")
        if let remaining = progress.remaining { parts.append("\(Format.clock(remaining)) left") }
        return parts.joined(separator: "  ")
    }
}
