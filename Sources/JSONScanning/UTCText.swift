/// Moments as ISO 8601 has them, in UTC: `2024-05-01T10:11:12.123Z`.
public enum UTCText {
    /// A moment.
    /// - Parameters:
    ///   - seconds: Since 1970, rounded down.
    ///   - fraction: Of the second, as a number of `digits` digits.
    public static func text(seconds: Int, fraction: Int, digits: Int) -> String {
        let (days, rest) = floorDivision(seconds, 86_400)
        // Days of years that begin in March, so that a leap day is the last one (Hinnant, "chrono-compatible low-level date
        // algorithms", civil_from_days).
        let (era, day) = floorDivision(days + 719_468, 146_097)
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let ofYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let digits = "\(number)"
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        return padded(year + era * 400 + (month < 10 ? 0 : 1), 4) + "-" + padded(month < 10 ? month + 3 : month - 9)
            + "-"
            + padded(ofYear - (153 * month + 2) / 5 + 1) + "T" + padded(rest / 3600) + ":" + padded(rest / 60 % 60)
            + ":"
            + padded(rest % 60) + "." + padded(fraction, digits) + "Z"
    }

    private static func floorDivision(_ number: Int, _ by: Int) -> (quotient: Int, rest: Int) {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: by)
        return rest < 0 ? (quotient - 1, rest + by) : (quotient, rest)
    }
}
