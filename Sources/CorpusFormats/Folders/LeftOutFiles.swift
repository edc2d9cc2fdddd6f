/// Files of a folder that were left out.
public struct LeftOutFiles: Sendable, Equatable, Codable {
    /// The extension with its dot, in small letters, or a few words such as "without an extension".
    public let kind: String
    /// How many there are.
    public let count: Int

    static let withoutExtension = "without an extension"

    /// Counts what is not read, most first.
    static func count(_ listing: FolderListing, _ isRead: (String) -> Bool) -> [LeftOutFiles] {
        count((listing.names + listing.unreadable).filter { !isRead($0) }, listing.others)
    }

    /// Counts names by kind, most first.
    /// - Parameter others: What is no file, counted already.
    static func count(_ names: [String], _ others: [String: Int]) -> [LeftOutFiles] {
        var counts = others
        for name in names { counts[kind(name), default: 0] += 1 }
        return counts.map { LeftOutFiles(kind: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.kind) < ($0.count, $1.kind) }
    }

    /// Whether files of this kind can be read as documents of another.
    func isRead(as document: DocumentKind) -> Bool {
        kind == Self.withoutExtension
            ? document == .source : kind.hasPrefix(".") && DocumentKind(name: "x" + kind) == document
    }

    /// The extension, `.gz` or `.zst` together with the one before it.
    static func kind(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().map { $0.lowercased() }
        guard let last = parts.last, !last.isEmpty, last.utf8.count <= 12 else { return withoutExtension }
        return "."
            + ((last == "gz" || last == "zst") && parts.count > 1 ? parts.suffix(2).joined(separator: ".") : last)
    }

    /// Whether a name ends in one of these, which are in small letters.
    static func has(_ name: String, _ extensions: [String]) -> Bool {
        let end = name.utf8.suffix(12).map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        return extensions.contains { $0.utf8.count < end.count && end.suffix($0.utf8.count).elementsEqual($0.utf8) }
    }
}
