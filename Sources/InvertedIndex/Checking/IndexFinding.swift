import FileStorage

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

extension IndexFinding {
    /// What an error says of a file; nil when it is about something else than what the file holds.
    public init?(_ error: IndexError) {
        switch error {
        case .corrupt(let path, let detail), .storage(.malformed(let path, let detail)):
            self.init(file: path, array: "bytes", place: "", detail: detail)
        case .storage(.damaged(let path, let bytes)):
            self.init(
                file: path, array: "bytes", place: "\(bytes.lowerBound) to \(bytes.upperBound - 1)",
                detail: "they do not have their checksum")
        case .storage(.missing(let path)):
            self.init(file: path, array: "bytes", place: "", detail: "it is missing")
        case .storage(.missingTensor(let path, let name)):
            self.init(file: path, array: name, place: "", detail: "it is missing")
        case .storage(.unexpectedTensor(let path, let name, let found, let expected)):
            self.init(file: path, array: name, place: "", detail: "\(found) instead of \(expected)")
        // EIO: the disk cannot give the bytes back. Anything else (rights, descriptors, memory) passes.
        case .storage(.io(let path, let operation, 5)):
            self.init(file: path, array: "bytes", place: "", detail: "the disk fails to \(operation) them")
        default: return nil
        }
    }
}

/// Findings of one file: the first of each array and how many more, because one damaged page makes thousands.
public struct FindingList: Sendable {
    private var first: [IndexFinding] = []
    private var counts: [String: Int] = [:]
    private let file: String
    /// Findings kept of each array.
    static let most = 5

    /// No findings yet of a file.
    public init(file: String) { self.file = file }

    /// Adds one.
    public mutating func add(
        _ array: String, _ place: @autoclosure () -> String, _ detail: @autoclosure () -> String
    ) {
        counts[array, default: 0] += 1
        guard counts[array, default: 0] <= Self.most else { return }
        first.append(IndexFinding(file: file, array: array, place: place(), detail: detail()))
    }

    /// The findings, in order; those that were not kept are counted.
    public var findings: [IndexFinding] {
        first
            + counts.filter { $0.value > Self.most }.sorted { $0.key < $1.key }.map { array, count in
                IndexFinding(file: file, array: array, place: "", detail: "\(count - Self.most) more like these")
            }
    }
}
