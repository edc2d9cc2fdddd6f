import Apus
import Foundation
public import Logging

/// Log lines as JSON objects on standard error, one line each.
public struct JSONLogHandler: LogHandler {
    /// Members of every line.
    public var metadata: Logger.Metadata = [:]
    /// Lines below this are left out.
    public var logLevel = Logger.Level.info
    private let label: String

    /// A handler for a logger of this name.
    public init(label: String) { self.label = label }

    /// A member of every line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a line.
    public func log(event: LogEvent) {
        var members = metadata
        members.merge(event.metadata ?? [:]) { $1 }
        members["level"] = "\(event.level.rawValue)"
        members["time"] = "\(Date.now.formatted(.iso8601.time(includingFractionalSeconds: true)))"
        members["message"] = "\(event.message)"
        members["hb.request.id"] = nil
        let line = members.sorted { $0.key < $1.key }
            .map { JSONText.quoted($0.key) + ":" + JSONText.quoted("\($0.value)") }.joined(separator: ",")
        FileHandle.standardError.write(Data(("{" + line + "}\n").utf8))
    }
}
