import ByteStrings

/// Refuses ids that were seen before, and says where. Ids are the same when their bytes are.
///
/// Holds every id in memory: about 60 bytes for each id of up to 15 bytes.
public struct DuplicateIDs: Sendable {
    private struct Place {
        var file: Int32
        var line: Int32
    }

    private var places: [ByteString: Place] = [:]
    private var paths: [String] = []

    /// Starts with no id seen.
    public init() {}

    /// Remembers an id.
    ///
    /// - Throws: ``FormatError/duplicate(path:line:what:firstPath:firstLine:)`` with both places.
    public mutating func insert(_ id: String, path: String, line: Int) throws(FormatError) {
        if paths.last.map({ ByteString($0) != ByteString(path) }) ?? true { paths.append(path) }
        let place = Place(file: Int32(clamping: paths.count - 1), line: Int32(clamping: line))
        if let first = places.updateValue(place, forKey: ByteString(id)) {
            throw .duplicate(
                path: path, line: line, what: "the id '\(id)'", firstPath: paths[Int(first.file)],
                firstLine: Int(first.line))
        }
    }

    /// The number of ids seen.
    public var count: Int { places.count }
}
