import ArgumentParser

/// Numbers of a flag, with commas between them.
enum NumberList {
    /// - Throws: `ValidationError` for what is no finite number.
    static func parse(_ list: String, _ flag: String) throws -> [Double] {
        try list.split(separator: ",", omittingEmptySubsequences: false).map { text in
            guard let value = Double(text), value.isFinite else {
                throw ValidationError("'\(flag)' takes numbers with commas between them, not '\(text)'.")
            }
            return value
        }
    }
}
