import Apus
import ArgumentParser

/// A size of memory as an argument: a number and KB, MB, GB or TB, each 1,024 times the one before.
struct MemorySize: CustomStringConvertible, Sendable {
    let bytes: Int

    var description: String {
        for (shift, unit) in [(30, "GB"), (20, "MB"), (10, "KB")] where bytes % (1 << shift) == 0 {
            return "\(bytes >> shift)\(unit)"
        }
        return "\(bytes)"
    }

    /// The size that a build may take.
    /// - Throws: `ValidationError` for what is no size, and for less than a build can do with.
    static func parse(_ text: String) throws -> MemorySize {
        let upper = text.uppercased()
        let digits = upper.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        var unit = upper.dropFirst(digits.count).drop { $0 == " " }
        if unit.hasSuffix("IB") { unit = unit.dropLast(2) + "B" }
        let shift: Int? =
            switch unit {
            case "", "B": 0
            case "K", "KB": 10
            case "M", "MB": 20
            case "G", "GB": 30
            case "T", "TB": 40
            default: nil
            }
        guard let shift, let number = Double(digits), number * Double(1 << shift) <= 1e15 else {
            throw ValidationError("Give a size such as 512MB or 2GB.")
        }
        let size = MemorySize(bytes: Int(number * Double(1 << shift)))
        guard size.bytes >= IndexBuilder.leastMemory else {
            throw ValidationError(
                "Give at least \(MemorySize(bytes: IndexBuilder.leastMemory)); half of that are the program and its libraries."
            )
        }
        return size
    }
}
