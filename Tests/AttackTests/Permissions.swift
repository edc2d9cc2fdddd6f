import Foundation

/// Takes the right to write away where the reader cannot become another user.
enum Permissions {
    /// Runs `body` while nobody may write to the index: a reader started as root becomes another user, anyone else's files
    /// become read-only.
    static func withoutWriting<T>(_ index: String, _ body: () -> T) -> T {
        if geteuid() == 0 { return body() }
        let paths = [index] + (FileManager.default.subpaths(atPath: index) ?? []).map { index + "/" + $0 }
        var modes: [(path: String, mode: mode_t)] = []
        for path in paths {
            var status = stat()
            guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFLNK else { continue }
            modes.append((path, status.st_mode & 0o7777))
        }
        for (path, mode) in modes { unsafe chmod(path, mode & ~0o222) }
        defer { for (path, mode) in modes { unsafe chmod(path, mode) } }
        return body()
    }
}
