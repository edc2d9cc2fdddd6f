import FileStorage
import Synchronization

/// The right to write to an index: taken before anything of it is read, so that what was read stays true.
///
/// Creates the directory where there is none. Dropped without a commit, it takes back whatever it made, and nothing else.
public final class WriteLock: Sendable {
    /// What a directory held when the lock had been taken.
    public enum Contents: Sendable {
        /// Nothing, or what an interrupted first build left.
        case nothing
        /// Files that are not an index's, and no index.
        case others([String])
        /// An index, or what is left of one.
        case index
    }

    /// The directory.
    public let directory: String
    private let lock: FileLock
    private let madeDirectories: [String]
    private let madeFiles = Mutex<[String]>([])
    /// Files of a merge that goes on beside commits.
    private let ongoing = Mutex<Set<String>>([])

    /// - Throws: ``IndexError/locked(path:process:)`` when another process writes, ``IndexError/storage(_:)``.
    public init(_ directory: String) throws(IndexError) {
        self.directory = directory
        let path = directory + "/" + IndexFile.lockName
        let taken: FileLock?
        do throws(StorageError) {
            let made = try Directory.create(directory)
            madeDirectories = made
            do throws(StorageError) { taken = try FileLock(path: path) } catch {
                Directory.removeEmpty(made)
                throw error
            }
        } catch { throw .storage(error) }
        guard let taken else { throw .locked(path: directory, process: FileLock.owner(of: path)) }
        lock = taken
    }

    deinit {
        abandon()
        lock.release()
        Directory.removeEmpty(madeDirectories)
    }

    /// Remembers a file that no commit names yet.
    func willMake(_ name: String) { madeFiles.withLock { $0.append(name) } }

    /// What was made is committed, but for what is still being made.
    func keep() {
        let ongoing = ongoing.withLock { $0 }
        madeFiles.withLock { $0.removeAll { !ongoing.contains($0) } }
    }

    /// Whether a file, or the one of which this is the temporary name, is being made while commits are published.
    func isMaking(_ name: String) -> Bool {
        ongoing.withLock { $0.contains(name) || name.hasSuffix(".tmp") && $0.contains(String(name.dropLast(4))) }
    }

    /// Files that are made while commits are published; they belong to none until one names them.
    func begin(_ names: [String]) {
        ongoing.withLock { $0.formUnion(names) }
        for name in names { willMake(name) }
    }

    /// What was begun is whole, or given up; the next commit names it or it is removed.
    func end(_ names: [String]) { ongoing.withLock { $0.subtract(names) } }

    /// Removes what was made and not committed.
    func abandon() {
        madeFiles.withLock { names in
            for name in names {
                Directory.removeFile(directory + "/" + name)
                Directory.removeFile(directory + "/" + name + ".tmp")
            }
            names = []
        }
    }

    /// What the directory holds.
    /// - Throws: ``IndexError/storage(_:)``.
    public func contents() throws(IndexError) -> Contents {
        let folder = try IndexFolder(directory)
        if !folder.commits.isEmpty { return .index }
        return folder.others.isEmpty ? .nothing : .others(folder.others)
    }
}
