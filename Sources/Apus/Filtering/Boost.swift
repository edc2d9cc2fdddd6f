import InvertedIndex

/// Documents whose scores are multiplied.
///
///     var options = SearchOptions()
///     options.boosts = [Boost(.compare("host", .equal, "docs.example.org"), factor: 1.5)]
public struct Boost: Sendable, Hashable {
    /// Which documents.
    public let filter: Filter
    /// What their scores are multiplied by: above 0, at most ``largestFactor``.
    public let factor: Double

    /// Larger factors would leave nothing of the scores' precision.
    public static let largestFactor = 1e6

    /// - Precondition: `factor` is above 0 and at most ``largestFactor``, and at least its inverse.
    public init(_ filter: Filter, factor: Double) {
        precondition(Self.isFactor(factor), "a factor between \(1 / Self.largestFactor) and \(Self.largestFactor)")
        (self.filter, self.factor) = (filter, factor)
    }

    /// Reads `FILTER:FACTOR`.
    /// - Throws: ``FilterError`` with the column.
    public init(parsing text: String) throws(FilterError) {
        let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        let number = colon < text.endIndex ? String(text[text.utf8.index(after: colon)...]) : ""
        let filter = try Filter(parsing: String(text[..<colon]))
        guard let factor = Double(number), Self.isFactor(factor) else {
            throw FilterError(
                text: text, column: text[..<colon].unicodeScalars.count + 1,
                expected: "':' and a factor between 0.000001 and 1000000 behind the filter",
                found: colon < text.endIndex ? "':\(number)'" : "the end")
        }
        self.init(filter, factor: factor)
    }

    private static func isFactor(_ factor: Double) -> Bool { (1 / largestFactor...largestFactor).contains(factor) }
}

extension SearchIndex {
    /// The snapshot with the boosts of these options, and all of its documents.
    /// - Throws: `IndexError`.
    func boosted(_ options: SearchOptions) throws -> IndexSnapshot {
        guard !options.boosts.isEmpty else { return snapshot }
        return snapshot.boosted(
            by: try options.boosts.map {
                DocumentBoost(documents: try filters.sets($0.filter, documents), factor: $0.factor)
            })
    }
}
