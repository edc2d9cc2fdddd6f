import Foundation

/// Numbers as people read them.
package enum Format {
    /// `12,345`
    package static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var out = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { out.append(",") }
            out.append(digit)
        }
        return value < 0 ? "-" + out : out
    }

    /// `1 document` or `12,345 documents`
    package static func count(_ value: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(count(value)) \(value == 1 ? noun : plural ?? noun + "s")"
    }

    /// `812` or `8.1`
    package static func rate(_ value: Double) -> String { String(format: value < 10 ? "%.1f" : "%.0f", value) }

    /// `01:23` or `1:02:03`
    package static func clock(_ duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, seconds % 60)
            : String(format: "%02d:%02d", minutes, seconds % 60)
    }

    /// `12.3 MB`
    package static func bytes(_ value: Int) -> String {
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
    package static func decimals(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }

    /// What is said of queries that were cut; nil when none was.
    package static func truncation(_ count: Int) -> String? {
        guard count > 0 else { return nil }
        return "\(self.count(count)) quer\(count == 1 ? "y is" : "ies are") longer than the encoder reads and "
            + "\(count == 1 ? "was" : "were") cut; the learned field was searched with the beginning."
    }
}
