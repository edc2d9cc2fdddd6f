import ByteStrings
import Glibc
import JSONScanning

/// What tells whether a file changed since it was indexed: its size, when it was modified, and a hash of its bytes where these differ.
public struct FileStamp: Sendable, Equatable {
    /// Bytes of the file as it is, packed or not.
    public let size: Int
    /// When it was modified: UTC, `2024-05-01T10:11:12.123456789Z`.
    public let modified: String
    /// FNV-1a over the unpacked bytes.
    let hash: UInt64
    /// Whether it was modified so shortly before it was read that it may have changed once more within one tick of the clock.
    let isFresh: Bool

    init(_ status: stat, _ bytes: [UInt8]) {
        size = Int(status.st_size)
        modified = Self.time(status.st_mtim)
        hash = FNVHash.of(bytes)
        var now = timespec()
        // Safe: the argument outlives the call.
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        // Some file systems count in ticks of the clock, others in pairs of seconds.
        let tick = status.st_mtim.tv_nsec == 0 ? 2_000_000_000 : 20_000_000
        let seconds = now.tv_sec &- status.st_mtim.tv_sec
        // What was modified in the future may be modified then again.
        isFresh =
            seconds < 0 || seconds < 4 && seconds * 1_000_000_000 + now.tv_nsec - status.st_mtim.tv_nsec <= tick
    }

    fileprivate init(size: Int, modified: String, hash: UInt64, isFresh: Bool) {
        (self.size, self.modified, self.hash, self.isFresh) = (size, modified, hash, isFresh)
    }

    /// Whether the system says of a file what it said when this stamp was made, so that it need not be read.
    func fits(_ status: stat) -> Bool {
        !isFresh && size == Int(status.st_size) && modified == Self.time(status.st_mtim)
    }

    /// Whether another stamp is of the same bytes.
    func isSameContent(as other: FileStamp) -> Bool { size == other.size && hash == other.hash }

    private static func time(_ time: timespec) -> String {
        UTCText.text(seconds: time.tv_sec, fraction: time.tv_nsec, digits: 9)
    }
}

/// Where a document of a folder came from, as its metadata keep it under `file`.
///
///     {"file": {"folder": "/home/ada/notes", "path": "a b.html", "kind": "html", "size": 120,
///      "modified": "2024-05-01T10:11:12.123456789Z", "hash": "85944171f73967e8"}}
public struct FileOrigin: Sendable, Equatable {
    /// The folder, without links and from the root on.
    public var folder: String
    /// The path inside the folder.
    public var path: String
    /// What it was read as.
    public var kind: DocumentKind
    /// How it was.
    public var stamp: FileStamp

    private static let names: [ByteString] = ["folder", "path", "kind", "size", "modified", "hash", "fresh"]

    /// Reads origins out of metadata.
    public struct Reader {
        private var fields = MetadataFields(FileOrigin.names.map { ["file", $0] })

        /// A reader.
        public init() {}

        /// The origin that metadata hold; nil where the document did not come from a folder.
        public mutating func origin(in metadata: String?) -> FileOrigin? {
            guard let metadata, metadata.utf8.count > 2 else { return nil }
            let values = fields.values(in: Array(metadata.utf8).span)
            func text(_ place: Int) -> String? {
                guard case .scalar(.text(let text)) = values[place] else { return nil }
                return text.string
            }
            guard let folder = text(0), let path = text(1), let kind = text(2).flatMap(DocumentKind.init(rawValue:)),
                case .scalar(.integer(let size)) = values[3], let modified = text(4),
                let hash = text(5).flatMap({ UInt64($0, radix: 16) })
            else { return nil }
            let isFresh = values[6] == .scalar(.truth(true))
            let stamp = FileStamp(size: Int(size), modified: modified, hash: hash, isFresh: isFresh)
            return FileOrigin(folder: folder, path: path, kind: kind, stamp: stamp)
        }
    }

    /// As a member of metadata.
    func json(_ others: [(name: String, json: String)]) -> String {
        var members: [(String, String)] = [
            ("folder", JSONText.quoted(folder)), ("path", JSONText.quoted(path)),
            ("kind", JSONText.quoted(kind.rawValue)), ("size", "\(stamp.size)"),
            ("modified", JSONText.quoted(stamp.modified)), ("hash", "\"\(String(stamp.hash, radix: 16))\""),
        ]
        if stamp.isFresh { members.append(("fresh", "true")) }
        let file = "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
        return "{" + ([("file", file)] + others).map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }
}
