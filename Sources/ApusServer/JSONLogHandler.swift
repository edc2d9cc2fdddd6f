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
        let (days, rest) = (milliseconds / 86_400_000, milliseconds % 86_400_000)
        // Days of years that begin in March, so that a leap day is the last one (Hinnant, "chrono-compatible low-level date
        // algorithms", civil_from_days).
        let shifted = days + 719_468
        let (era, day) = (shifted / 146_097, shifted % 146_097)
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let ofYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        let date = (
            year: year + era * 400 + (month < 10 ? 0 : 1), month: month < 10 ? month + 3 : month - 9,
            day: ofYear - (153 * month + 2) / 5 + 1
        )
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let digits = "\(number)"
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        return "\(padded(date.year, 4))-\(padded(date.month))-\(padded(date.day))T\(padded(rest / 3_600_000)):"
            + "\(padded(rest / 60_000 % 60)):\(padded(rest / 1000 % 60)).\(padded(rest % 1000, 3))Z"
    }
}
