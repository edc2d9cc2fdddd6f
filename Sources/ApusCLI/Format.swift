import Foundation

/// Numbers as people read them.
enum Format {
    /// `12,345`
    static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var out = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { out.append(",") }
            out.append(digit)
        }
        return value < 0 ? "-" + out : out
    }

    /// `812` or `8.1`
    static func rate(_ value: Double) -> String { String(format: value < 10 ? "%.1f" : "%.0f", value) }

    /// `01:23` or `1:02:03`
    static func clock(_ duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, seconds % 60)
            : String(format: "%02d:%02d", minutes, seconds % 60)
    }

    /// `12.3 MB`
    static func bytes(_ value: Int) -> String {
        let units = ["bytes", "kB", "MB", "GB", "TB"]
        var size = Double(value)
        var unit = 0
        while size >= 1000, unit < units.count - 1 {
            size /= 1000
            unit += 1
        }
        return unit == 0 ? "\(value) bytes" : String(format: "%.1f %@", size, units[unit])
    }

    /// A fixed number of decimals.
    static func decimals(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }

    /// What is said of queries that were cut; nil when none was.
    static func truncation(_ count: Int) -> String? {
        guard count > 0 else { return nil }
        return "\(self.count(count)) quer\(count == 1 ? "y is" : "ies are") longer than the encoder reads and "
            + "\(count == 1 ? "was" : "were") cut; the learned field was searched with the beginning."
    }

    /// Values as JSON, one object, sorted keys.
    static func json(_ value: some Encodable, pretty: Bool = true) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            pretty ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(value), as: UTF8.self)
        // Of the control characters JSON escapes the first 32; terminals obey the others, too.
        return text.showingControls(except: ["\n"], as: { "\\u" + String($0.value + 0x10000, radix: 16).suffix(4) })
    }
}
