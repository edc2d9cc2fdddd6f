public import FileStorage
import Foundation

/// The files of one model: a folder on disk, or files embedded in the binary.
public struct ModelFiles: Sendable {
    private enum Source: Sendable {
        case folder(String)
        case memory([String: MappedBytes])
    }

    private let source: Source
    /// The model's name for messages and index metadata: the folder's last component, or the embedded model's name.
    public let name: String
    /// Where the files are, for messages.
    let location: String

    /// A Hugging Face or sentence-transformers folder.
    /// - Throws: ``EncoderError/storage(_:)`` when there is no such folder, ``EncoderError/notAFolder(path:)``.
    public init(folder: String) throws(EncoderError) {
        let trimmed = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        let kind: Directory.Kind?
        do { kind = try Directory.kind(of: trimmed) } catch { throw .storage(error) }
        guard let kind else { throw .storage(.missing(path: trimmed)) }
        guard kind == .folder else { throw .notAFolder(path: trimmed) }
        source = .folder(trimmed)
        location = trimmed
        name = trimmed.split(separator: "/").last.map(String.init) ?? trimmed
    }

    /// Files that are in memory already, by their path inside the model's folder.
    public init(name: String, files: [String: MappedBytes]) {
        source = .memory(files)
        self.name = name
        location = name
    }

    /// Whether the files are mapped from disk, so that their pages can be dropped and read again.
    var isOnDisk: Bool {
        if case .folder = source { true } else { false }
    }

    /// The bytes of a file, for example `1_SpladePooling/config.json`, or nil when the model has none of that name.
    /// - Throws: ``EncoderError/storage(_:)`` when it is there and cannot be mapped.
    public func bytes(_ name: String) throws(EncoderError) -> MappedBytes? {
        switch source {
        case .memory(let files): return files[name]
        case .folder(let folder):
            do { return try MappedBytes(path: folder + "/" + name) } catch .missing { return nil } catch {
                throw .storage(error)
            }
        }
    }

    /// All files by their path inside the model's folder, sorted; hidden ones are left out.
    /// - Throws: ``EncoderError/storage(_:)`` when the folder cannot be listed.
    func names() throws(EncoderError) -> [String] {
        switch source {
        case .memory(let files): return files.keys.sorted()
        case .folder(let folder):
            var (found, waiting): ([String], [String]) = ([], [""])
            do {
                while let inside = waiting.popLast() {
                    for name in try Directory.names(in: folder + "/" + inside) where !name.hasPrefix(".") {
                        let path = inside.isEmpty ? name : inside + "/" + name
                        guard let kind = try Directory.kind(of: folder + "/" + path) else { continue }
                        // A model's parts lie one folder deep; a link that leads around in a circle ends there too.
                        if kind != .folder {
                            found.append(path)
                        } else if path.split(separator: "/").count < 8 {
                            waiting.append(path)
                        }
                    }
                }
            } catch { throw .storage(error) }
            return found.sorted()
        }
    }

    /// The bytes of a file that must be there.
    /// - Throws: ``EncoderError/missingFile(model:file:)``, ``EncoderError/storage(_:)``.
    func required(_ name: String) throws(EncoderError) -> MappedBytes {
        guard let bytes = try bytes(name) else { throw .missingFile(model: location, file: name) }
        return bytes
    }
}
