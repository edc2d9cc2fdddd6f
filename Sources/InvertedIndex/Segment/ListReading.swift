/// What a search reads of a term's list, and has to compare with its checksums.
enum ListReading {
    /// All postings.
    case whole
    /// The maxima of all ranges, and postings here and there.
    case ranges
    /// What is stored of frequent lists beside their postings, and postings here and there.
    case windows

    init(_ traversal: Traversal) {
        switch traversal {
        case .range: self = .ranges
        case .window: self = .windows
        case .automatic, .exhaustive, .maxScore, .blockMaxMaxScore, .wand, .blockMaxWand: self = .whole
        }
    }
}
