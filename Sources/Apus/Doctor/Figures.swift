/// Figures in sentences.
enum Figures {
    /// `1 query`, `12,345 queries`
    static func counted(_ count: Int, _ one: String, _ many: String) -> String {
        "\(number(count)) \(count == 1 ? one : many)"
    }

    static func number(_ value: Int) -> String {
        var digits = Array(String(value))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return String(digits)
    }

    /// `12.3 %`; two figures where it is little.
    static func share(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "0 %" }
        let percent = Double(part) * 100 / Double(whole)
        if part > 0, percent < 0.01 { return "less than 0.01 %" }
        let rounded = percent < 1 ? (percent * 100).rounded() / 100 : (percent * 10).rounded() / 10
        return rounded == rounded.rounded() ? "\(Int(rounded)) %" : "\(rounded) %"
    }
}
