import Foundation
import Testing

/// What one suite found: a number of attacks, and a line for each that did harm.
///
/// `APUS_ATTACK_FIGURES` and `APUS_ATTACK_FINDINGS` name files that figures and findings are appended to;
/// `APUS_ATTACK_KEEP` a folder that keeps the index of each finding.
final class Findings {
    private let suite: String
    private let subject: String
    private var attacks = 0
    private var harmed = 0
    private var lines: [String] = []

    init(_ suite: String, _ subject: String) {
        self.suite = suite
        self.subject = subject
    }

    /// Counts an attack; `problems` says what was expected and what was found.
    func add(_ attack: @autoclosure () -> String, _ problems: [String], keeping folder: String? = nil) {
        attacks += 1
        if problems.isEmpty { return }
        harmed += 1
        var line = "\(suite), \(subject), \(attack()): " + problems.joined(separator: "; ")
        let environment = ProcessInfo.processInfo.environment
        if let folder, let keep = environment["APUS_ATTACK_KEEP"] {
            let kept = "\(keep)/\(suite)-\(subject)-\(harmed)".replacingOccurrences(of: " ", with: "_")
            try? FileManager.default.createDirectory(atPath: keep, withIntermediateDirectories: true)
            try? FileManager.default.removeItem(atPath: kept)
            if (try? FileManager.default.copyItem(atPath: folder, toPath: kept)) != nil { line += " [\(kept)]" }
        }
        lines.append(line)
        if let path = environment["APUS_ATTACK_FINDINGS"] { Self.append(line + "\n", to: path) }
    }

    /// Ends the suite: one issue for all that was found.
    func report() {
        if let path = ProcessInfo.processInfo.environment["APUS_ATTACK_FIGURES"] {
            Self.append("\(suite)\t\(subject)\t\(attacks)\t\(harmed)\n", to: path)
        }
        if lines.isEmpty { return }
        let shown = lines.prefix(12).map { "\n  " + $0.prefix(900) }.joined()
        Issue.record("\(suite), \(subject): \(harmed) of \(attacks) attacks did harm\(shown)")
    }

    private static func append(_ text: String, to path: String) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        _ = unsafe text.withCString { unsafe write(descriptor, $0, strlen($0)) }
    }
}
