import FileStorage

/// Removes the files of an index that no commit needs any more.
enum Garbage {
    /// Commits that are kept: the newest, and the one before it for `--commit`.
    static let keptCommits = 2

    /// Removes commits but for the newest two and those that a reader holds, and then every file of ours that no commit that is
    /// left names: what readers of older commits no longer need, and what a killed writer left.
    ///
    /// Whatever cannot be read or removed stays for the next time; a commit that cannot be read keeps everything.
    /// Only the holder of the write lock may call this.
    /// - Parameter commits: How many commits are kept, beside those that a reader holds.
    /// - Returns: What could not be made sure of, as a sentence for the person who writes.
    static func collect(_ lock: WriteLock, keeping commits: Int = keptCommits) -> String? {
        let directory = lock.directory
        func stay(_ error: any Error) -> String {
            "Files that no commit needs any more were not removed: \(error)"
        }
        let folder: IndexFolder
        do throws(IndexError) { folder = try IndexFolder(directory) } catch { return stay(error) }
        if folder.commits.isEmpty { return nil }
        func path(_ name: String) -> String { directory + "/" + name }
        var kept = folder.commits.prefix(commits).map { IndexFile.commit(named: $0) }
        for generation in folder.commits.dropFirst(commits) {
            let name = IndexFile.commit(named: generation)
            if !SharedFile.remove(path(name)) { kept.append(name) }
        }
        var named: Set<String> = []
        for name in kept {
            do throws(IndexError) { named.formUnion(try Commit.read(path(name)).files) } catch {
                // The commit before an upgrade or a replacement: its files are those of format 3, and nothing opens it here.
                guard case .otherFormat(_, Commit.formerFormat, _) = error, name != kept.first else {
                    return stay(error)
                }
                Directory.removeFile(path(name))
            }
        }
        let garbage = folder.files.filter { name, file in
            switch file {
            case .segment, .texts, .live: !named.contains(name) && !lock.isMaking(name)
            case .temporary, .formerStore: !lock.isMaking(name)
            case .commit, .lock: false
            }
        }
        // After a loss of power no commit may be there whose files are gone.
        if garbage.contains(where: { $0.file != .temporary }) {
            do throws(StorageError) { try Directory.sync(directory) } catch { return stay(error) }
        }
        for (name, _) in garbage { Directory.removeFile(path(name)) }
        return nil
    }

    /// What an interrupted first build left where there is no commit.
    static func removeLeftovers(in directory: String) {
        guard let folder = try? IndexFolder(directory), folder.commits.isEmpty else { return }
        for (name, file) in folder.files where file != .lock { Directory.removeFile(directory + "/" + name) }
    }
}
