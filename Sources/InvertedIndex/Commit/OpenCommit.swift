import FileStorage

/// A commit with its segments mapped, held so that no writer removes its files.
///
/// Only a commit that is *absent* is passed over for another one. A damaged one, or an error in opening it or its files, is an
/// error that names the file: an older commit must not answer in its place unasked, and never be built upon.
struct OpenCommit {
    let commit: Commit
    let segments: [Segment]
    /// The documents of each that live; nil for all of them.
    let live: [LiveDocuments?]
    /// The commit's file; nil where it could not be opened again after it was written.
    let hold: SharedFile?

    /// Opens the newest commit of a directory, or the one with this number.
    /// - Throws: ``IndexError``.
    /// - Parameter known: Segments that are mapped already, and are taken where the commit names them.
    static func open(
        _ directory: String, generation wanted: Int? = nil, known: [Segment] = []
    ) throws(IndexError) -> OpenCommit {
        var attempts = 0
        while true {
            let found = try IndexFolder(directory).commits
            guard let newest = found.first else { throw .notAnIndex(path: directory) }
            let generation = wanted ?? newest
            guard found.contains(generation) else {
                throw .noCommit(path: directory, wanted: generation, found: found)
            }
            do throws(IndexError) {
                if let opened = try open(directory, exactly: generation, known) { return opened }
                if attempts >= 100 {
                    let path = directory + "/" + IndexFile.commit(named: generation)
                    throw .corrupt(path: path, detail: "it is listed and cannot be opened; a link to nothing?")
                }
            } catch {
                // On a file system without locks a writer may have removed the files meanwhile; then there is a newer commit.
                guard wanted == nil, attempts < 100, try IndexFolder(directory).commits.first != newest else {
                    throw error
                }
            }
            attempts += 1
        }
    }

    /// - Returns: nil when the commit is not there (any more).
    private static func open(
        _ directory: String, exactly generation: Int, _ known: [Segment]
    ) throws(IndexError) -> OpenCommit? {
        let path = directory + "/" + IndexFile.commit(named: generation)
        let hold: SharedFile?
        do throws(StorageError) { hold = try SharedFile(path: path) } catch { throw .storage(error) }
        guard let hold else { return nil }
        let commit = try Commit.parse(hold.bytes, path: path)
        var segments: [Segment] = []
        var live: [LiveDocuments?] = []
        for entry in commit.segments {
            // A segment is the same whatever of it was deleted.
            var whole = entry
            whole.live = nil
            if let same = known.first(where: { $0.entry == whole }) {
                segments.append(same)
            } else {
                segments.append(try Segment(directory: directory, entry: whole))
            }
            live.append(try Self.live(entry, directory))
        }
        return OpenCommit(commit: commit, segments: segments, live: live, hold: hold)
    }

    private static func live(_ entry: SegmentEntry, _ directory: String) throws(IndexError) -> LiveDocuments? {
        guard let live = entry.live else { return nil }
        do throws(StorageError) { return try LiveDocuments(live, of: entry, in: directory) } catch {
            throw Segment.translated(error, directory + "/" + live.file)
        }
    }
}
