import FileStorage
import Foundation

/// A commit point: which segments make up the index, and how it was made.
///
/// `commit-<generation>.json` holds the JSON of this struct on the first line and its CRC-32C in hexadecimal on the second.
/// The rename that gives the file its name *is* the commit. The last two are kept, so that a reader that is opening the
/// older one still finds its files.
struct Commit: Codable, Equatable {
    static let format = 3

    var format = Commit.format
    var generation: Int
    var metadata: [String: String]
    var learnedScale: Float?
    var hasText: Bool
    var hasLearned: Bool
    /// What the learned field spends on an impact.
    var profile = IndexProfile.standard
    var segments: [SegmentEntry]

    static func name(_ generation: Int) -> String { "commit-\(generation).json" }

    static func generation(of name: String) -> Int? {
        guard name.hasPrefix("commit-"), name.hasSuffix(".json") else { return nil }
        return Int(name.dropFirst(7).dropLast(5))
    }

    private struct Version: Decodable { let format: Int }

    /// Reads one commit file.
    static func read(_ path: String) throws(IndexError) -> Commit {
        let bytes: [UInt8]
        do throws(StorageError) { bytes = try MappedBytes(path: path).copied() } catch { throw .storage(error) }
        let lines = bytes.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
        let body = Data(lines[0])
        if let version = try? JSONDecoder().decode(Version.self, from: body), version.format != Commit.format {
            throw .otherFormat(path: path, found: version.format, supported: Commit.format)
        }
        let sum = String(decoding: lines.count > 1 ? lines[1] : [], as: UTF8.self).trimmingCharacters(
            in: .whitespacesAndNewlines)
        guard UInt32(sum, radix: 16) == CRC32C.checksum(of: Array(lines[0])) else {
            throw .corrupt(path: path, detail: "its checksum does not hold")
        }
        guard let commit = try? JSONDecoder().decode(Commit.self, from: body) else {
            throw .corrupt(path: path, detail: "it is not the JSON of a commit")
        }
        guard commit.learnedScale.map({ $0 > 0 && $0.isFinite }) ?? true else {
            throw .corrupt(path: path, detail: "its scale of learned weights is no scale")
        }
        return commit
    }

    /// Makes this the newest commit of the directory.
    func write(to directory: String) throws(IndexError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let path = directory + "/" + Commit.name(generation)
        guard let json = try? encoder.encode(self) else {
            throw .corrupt(path: path, detail: "it cannot be written as JSON")
        }
        let sum = String(CRC32C.checksum(of: [UInt8](json)), radix: 16)
        do throws(StorageError) {
            try AtomicFile.write([UInt8](json) + Array("\n\(sum)\n".utf8), to: path)
        } catch { throw .storage(error) }
    }

    /// The newest commit whose checksum holds and whose segments open.
    static func newest(in directory: String) throws(IndexError) -> (Commit, [Segment]) {
        let names: [String]
        do throws(StorageError) { names = try Directory.names(in: directory) } catch {
            if case .missing = error { throw .notAnIndex(path: directory) }
            throw .storage(error)
        }
        let generations = names.compactMap(generation).sorted(by: >)
        var first: IndexError?
        for generation in generations {
            do throws(IndexError) {
                let commit = try read(directory + "/" + name(generation))
                var segments: [Segment] = []
                for entry in commit.segments { segments.append(try Segment(directory: directory, entry: entry)) }
                return (commit, segments)
            } catch {
                // A format we cannot read is no damage: an older commit must not silently take its place.
                if case .otherFormat = error { throw error }
                first = first ?? error
            }
        }
        throw first ?? .notAnIndex(path: directory)
    }
}
