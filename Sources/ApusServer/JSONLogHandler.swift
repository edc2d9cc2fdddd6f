import Apus
import Foundation
public import Logging

/// Log lines as JSON objects on standard error, one line each.
public struct JSONLogHandler: LogHandler {
    /// Members of every line.
    public var metadata: Logger.Metadata = [:]
    /// Lines below this are left out.
    public var logLevel = Logger.Level.info
    private let label: String

    /// A handler for a logger of this name.
    public init(label: String) { self.label = label }

    /// A member of every line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a line.
    public func log(event: LogEvent) {
        let line = Self.line(
            [
                ("level", event.level.rawValue), ("message", "\(event.message)"),
                ("time", Self.time(Date.now.timeIntervalSince1970)),
            ], event.metadata ?? [:], metadata)
        // Whoever reads the log may be gone, or the disk full: requests are answered all the same.
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }

    /// A line of members in the order of their names; of the same name the first ones count.
    static func line(
        _ own: [(key: String, value: String)], _ event: Logger.Metadata, _ lasting: Logger.Metadata
    ) -> String {
        var members = own
        func add(_ metadata: Logger.Metadata) {
            let known = members.count
            for (key, value) in metadata
            where key != "hb.request.id" && !members[..<known].contains(where: { $0.key == key }) {
                if case .string(let text) = value {
                    members.append((key, text))
                } else {
                    members.append((key, "\(value)"))
                }
            }
        }
        add(event)
        add(lasting)
        members.sort { $0.key < $1.key }
        var line = ""
        line.reserveCapacity(256)
        for (key, value) in members {
            line += line.isEmpty ? "{" : ","
            JSONText.append(key, to: &line)
            line += ":"
            JSONText.append(value, to: &line)
        }
        line += "}\n"
        return line
    }

    /// Seconds since 1970 as ISO 8601 has them, in UTC with milliseconds; Foundation's formatter takes longer than a search.
    static func time(_ seconds: Double) -> String {
        let milliseconds = Int((seconds * 1000).rounded(.down))
        return UTCText.text(seconds: milliseconds / 1000, fraction: milliseconds % 1000, digits: 3)
    }
}
