import FileStorage
import Foundation

/// A commit point: which segments make up the index, and how it was made.
///
/// `commit-<generation>.json` holds the JSON of this struct on the first line and its CRC-32C as eight hexadecimal digits on
/// the second:
///
///     {"format":4,"generation":2,"hasLearned":true,"hasText":true,"learnedScale":83.2,"metadata":{…},"profile":"standard",
///      "segments":[{"bytes":53248,"crc32c":2774181210,"documents":8,"file":"seg-1.safetensors","scale":83.2,
///        "texts":{"bytes":12288,"crc32c":1520877,"file":"seg-1.sqlite"},…}]}
///     0c6f2a91
///
/// The rename that gives the file its name *is* the commit.
///
/// With a packed segment it is of format 5, where the segments are arrays, see ``SegmentEntry/Line``. With a document of several
/// passages it is of format 6, which is written like 5: what does not know passages would find other hits, and lose them in a merge.
struct Commit: Codable, Equatable {
    static let format = 4
    /// That of a commit with packed segments, which versions that write format 4 alone do not read.
    static let packedFormat = 5
    /// That of a commit with a document of several passages.
    static let passageFormat = 6
    /// The format that `apus upgrade` converts.
    static let formerFormat = 3

    var format = Commit.format
    var generation: Int
    var metadata: [String: String]
    /// Impact per unit of learned weight in segments to come.
    var learnedScale: Float?
    /// How the lengths of document vectors are evened out; nil where they are as they came.
    var norms: VectorNorms?
    var hasText: Bool
    var hasLearned: Bool
    /// What the learned field spends on an impact.
    var profile = IndexProfile.standard
    /// Whether segments hold learned vectors as such; nil where they do not.
    var storesVectors: Bool?
    var segments: [SegmentEntry]

    /// The format of a commit with these segments.
    static func format(of segments: [SegmentEntry], hasPassages: Bool) -> Int {
        if hasPassages { return passageFormat }
        return segments.contains(where: \.isPacked) ? packedFormat : format
    }

    private struct Version: Decodable { let format: Int }

    /// Reads a commit file that nobody needs to hold.
    /// - Throws: As ``parse(_:path:format:)``, and ``IndexError/storage(_:)``.
    static func read(_ path: String, format: Int = format) throws(IndexError) -> Commit {
        let bytes: [UInt8]
        do throws(StorageError) { bytes = try MappedBytes(path: path).copied() } catch { throw .storage(error) }
        return try parse(bytes, path: path, format: format)
    }

    /// Reads the bytes of a commit file.
    /// - Throws: ``IndexError/otherFormat(path:found:supported:)`` or ``IndexError/corrupt(path:detail:)``.
    static func parse(_ bytes: [UInt8], path: String, format: Int = format) throws(IndexError) -> Commit {
        let body = try checked(bytes, path: path, format: format)
        guard let commit = try? JSONDecoder().decode(Commit.self, from: body) else {
            throw .corrupt(path: path, detail: "it is not the JSON of a commit")
        }
        try commit.check(path)
        return commit
    }

    /// The JSON of a commit file whose checksum holds and whose format is the one wanted.
    private static func checked(_ bytes: [UInt8], path: String, format: Int) throws(IndexError) -> Data {
        let lines = bytes.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
        let body = Data(lines[0])
        let found = (try? JSONDecoder().decode(Version.self, from: body))?.format
        let sum = CRC32C.checksum(of: Array(lines[0]))
        let written = lines.count > 1 ? String(decoding: lines[1], as: UTF8.self) : ""
        // Format 3 wrote the number without leading zeros.
        guard written == checksumLine(sum) || found == formerFormat && written == String(sum, radix: 16) + "\n" else {
            if let found, found > passageFormat {
                throw .otherFormat(path: path, found: found, supported: passageFormat)
            }
            throw .corrupt(path: path, detail: "its checksum does not hold")
        }
        let isNewer = found == packedFormat || found == passageFormat
        guard found == format || isNewer && format == Commit.format else {
            throw .otherFormat(path: path, found: found ?? 0, supported: passageFormat)
        }
        return body
    }

    private static func checksumLine(_ sum: UInt32) -> String {
        let digits = String(sum, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits + "\n"
    }

    private func check(_ path: String) throws(IndexError) {
        guard IndexFile(Directory.name(of: path)) == .commit(generation) else {
            throw .corrupt(path: path, detail: "it says that it is commit \(generation)")
        }
        guard
            ([learnedScale] + segments.map(\.scale)).allSatisfy({
                $0.map { $0 > 0 && $0.isFinite } ?? true
            })
        else {
            throw .corrupt(path: path, detail: "its scale of learned weights is no scale")
        }
        guard norms?.isSound ?? true else {
            throw .corrupt(path: path, detail: "what it says of the norms of vectors cannot be")
        }
        for entry in segments {
            guard case .segment = IndexFile(entry.file), format >= Self.packedFormat || !entry.isPacked,
                entry.packedTexts == nil || entry.isPacked && entry.texts == nil
            else {
                throw .corrupt(path: path, detail: "it names '\(entry.file)' as a segment")
            }
            if let texts = entry.texts {
                guard case .texts = IndexFile(texts.file) else {
                    throw .corrupt(path: path, detail: "it names '\(texts.file)' as a segment's texts")
                }
            }
            if let live = entry.live {
                guard case .live(segment: let number, _) = IndexFile(live.file),
                    IndexFile(entry.file) == .segment(number)
                else {
                    throw .corrupt(path: path, detail: "it names '\(live.file)' as live documents of '\(entry.file)'")
                }
            }
        }
    }

    /// Every file that the commit names.
    var files: [String] { segments.flatMap { [$0.file, $0.texts?.file, $0.live?.file].compactMap(\.self) } }

    /// Makes this the newest commit of the lock's directory, and removes what no commit names any more.
    /// - Parameter keepsFormer: Whether the commit before it is kept.
    /// - Returns: The index at this commit, and what could not be made sure of after it had been made.
    /// - Throws: ``IndexError``; the commit has then not been made.
    func publish(
        _ lock: WriteLock, _ segments: [Segment], live: [LiveDocuments?], permissions: UInt32?, keepsFormer: Bool = true
    ) throws(IndexError) -> (snapshot: IndexSnapshot, warning: String?) {
        let name = IndexFile.commit(named: generation)
        lock.willMake(name)
        let warning = try write(to: lock.directory, permissions: permissions)
        lock.keep()
        let hold = (try? SharedFile(path: lock.directory + "/" + name)).flatMap { $0 }
        let left = Garbage.collect(lock, keeping: keepsFormer ? Garbage.keptCommits : 1)
        let opened = OpenCommit(commit: self, segments: segments, live: live, hold: hold)
        return (IndexSnapshot(directory: lock.directory, opened), warning ?? left)
    }

    /// Makes this the newest commit of the directory; the files that it names have their names already.
    /// - Returns: What could not be made sure of after the commit had been made, as a sentence; nil when all is done.
    /// - Throws: ``IndexError``; the commit has then not been made.
    private func write(to directory: String, permissions: UInt32?) throws(IndexError) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let path = directory + "/" + IndexFile.commit(named: generation)
        guard let json = try? encoder.encode(self) else {
            throw .corrupt(path: path, detail: "it cannot be written as JSON")
        }
        do throws(StorageError) {
            // The names of the segments must not be younger than the commit that names them.
            try Directory.sync(directory)
            let file = try AtomicFile(path: path, permissions: permissions)
            try file.write([UInt8](json) + Array("\n\(Self.checksumLine(CRC32C.checksum(of: [UInt8](json))))".utf8))
            try file.rename()
        } catch { throw .storage(error) }
        do throws(StorageError) { try Directory.sync(directory) } catch {
            return "Commit \(generation) of '\(directory)' is made, but may not survive a loss of power: \(error)"
        }
        return nil
    }
}
