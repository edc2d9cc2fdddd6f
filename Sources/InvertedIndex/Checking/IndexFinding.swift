/// Something in an index that is not as it was written, or does not agree with the rest.
public struct IndexFinding: Sendable, Codable, Equatable, CustomStringConvertible {
    /// The file.
    public var file: String
    /// The array of the file, or what else of it.
    public var array: String
    /// Where in the array: an element, a term, a document.
    public var place: String
    /// What is wrong.
    public var detail: String

    /// Something found.
    public init(file: String, array: String, place: String, detail: String) {
        (self.file, self.array, self.place, self.detail) = (file, array, place, detail)
    }

    /// One line: where, and what.
    public var description: String {
        "\(file): \(array)\(place.isEmpty ? "" : ", \(place)"): \(detail)"
    }
}

/// Findings of one file; only the first of each kind are kept, because one damaged page makes thousands.
struct FindingList {
    private(set) var findings: [IndexFinding] = []
    private var counts: [String: Int] = [:]
    private let file: String
    /// Findings kept of each array.
    static let most = 5

    init(file: String) { self.file = file }

    mutating func add(_ array: String, _ place: @autoclosure () -> String, _ detail: @autoclosure () -> String) {
        counts[array, default: 0] += 1
        guard counts[array, default: 0] <= Self.most else { return }
        findings.append(IndexFinding(file: file, array: array, place: place(), detail: detail()))
    }
}
