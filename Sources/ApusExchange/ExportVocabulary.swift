import ByteStrings
import InvertedIndex

/// The learned terms of all segments as one list, in the order of their bytes, with a number each.
struct ExportVocabulary {
    /// The terms.
    let terms: [String]
    /// Of each segment, the number of each of its terms.
    let numbers: [[UInt32]]

    init(_ snapshot: IndexSnapshot) {
        let parts = snapshot.views.indices.map { snapshot.learnedTerms(ofView: $0) }
        guard parts.count > 1 else {
            terms = parts.first ?? []
            numbers = parts.map { Array(0..<UInt32($0.count)) }
            return
        }
        terms = Set(parts.joined().map { ByteString($0) }).sorted().map(\.string)
        var known: [ByteString: UInt32] = [:]
        for (number, term) in terms.enumerated() { known[ByteString(term)] = UInt32(number) }
        numbers = parts.map { $0.map { known[ByteString($0)] ?? 0 } }
    }
}
