/// Refuses ids that were seen before, and says where.
///
/// Holds every id in memory: about 50 bytes for each id of up to 15 bytes.
public struct DuplicateIDs: Sendable {
    private var lines: [String: Int32] = [:]

    /// Starts with no id seen.
    public init() {}

    /// Remembers an id.
    ///
    /// - Throws: ``FormatError/duplicate(path:line:what:firstPath:firstLine:)`` with both lines.
    public mutating func insert(_ id: String, path: String, line: Int) throws(FormatError) {
        if let first = lines.updateValue(Int32(clamping: line), forKey: id) {
            throw .duplicate(path: path, line: line, what: "the id '\(id)'", firstPath: path, firstLine: Int(first))
        }
    }

    /// The number of ids seen.
    public var count: Int { lines.count }
}
