import FileStorage

extension IndexSnapshot {
    /// What a backup took.
    public struct Backup: Sendable, Codable {
        /// Files of the index.
        public var files = 0
        /// Their bytes.
        public var bytes = 0
        /// Files that share their bytes with the index by a hard link; the others are copies.
        public var linked = 0
        /// What could not be made sure of although it was done, as sentences.
        public var warnings: [String] = []
    }

    /// Makes another index of this commit, whatever a writer does meanwhile. It can be opened, searched and added to.
    ///
    /// Files are written once and never changed, so a hard link is as good as a copy, but for a damaged disk.
    /// - Parameters:
    ///   - target: A directory that is not there, or empty.
    ///   - copies: Whether every file is copied, and the copy compared with its checksums.
    /// - Throws: ``IndexError``; nothing is left in `target` then.
    /// - Complexity: O(files), of copies O(bytes).
    public func backup(to target: String, copies: Bool = false) throws(IndexError) -> Backup {
        let lock = try WriteLock(target)
        guard case .nothing = try lock.contents() else { throw .alreadyAnIndex(path: target) }
        Garbage.removeLeftovers(in: target)
        let permissions = try IndexWriter.permissions(of: generation, in: directory)
        var backup = Backup()
        let commitName = IndexFile.commit(named: generation)
        do throws(StorageError) {
            for name in commit.files {
                let (source, path) = (directory + "/" + name, target + "/" + name)
                lock.willMake(name)
                if !copies, Directory.link(source, as: path) {
                    backup.linked += 1
                } else {
                    try AtomicFile.copy(source, to: path, permissions: permissions)
                }
                backup.files += 1
                backup.bytes += try Directory.fileSize(path)
            }
            try Directory.sync(target)
        } catch { throw .storage(error) }
        if copies {
            for entry in commit.segments {
                let segment = try Segment(directory: target, entry: entry)
                try segment.verify()
                try segment.verifyTexts()
            }
        }
        lock.willMake(commitName)
        do throws(StorageError) {
            backup.files += 1
            backup.bytes += try Directory.fileSize(directory + "/" + commitName)
            // A file of its own: readers lock it.
            try AtomicFile.copy(directory + "/" + commitName, to: target + "/" + commitName, permissions: permissions)
        } catch { throw .storage(error) }
        lock.keep()
        do throws(StorageError) { try Directory.sync(target) } catch {
            backup.warnings.append("The backup '\(target)' is made, but may not survive a loss of power: \(error)")
        }
        return backup
    }
}
