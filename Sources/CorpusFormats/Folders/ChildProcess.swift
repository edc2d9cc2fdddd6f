import Glibc

/// Another program, run without a shell, with what it says to both outputs and an end to its time.
struct ChildProcess {
    enum End: Equatable {
        case exit(Int32)
        case signal(Int32)
        case outOfTime
        /// It said more than was asked for, and was stopped.
        case tooMuch
    }

    let end: End
    let output: [UInt8]
    /// The beginning of what it said to standard error.
    let errors: [UInt8]

    /// A program of this name; nil when there is none.
    /// - Parameter places: Folders with colons between them; nil for the PATH.
    static func find(_ name: String, in places: String?) -> String? {
        // Safe: the system's string is copied before anything changes the environment.
        guard let list = unsafe places ?? getenv("PATH").map({ unsafe String(cString: $0) }) else { return nil }
        for folder in list.split(separator: ":") {
            let path = folder + "/" + name
            // Safe: Swift passes the path as a NUL-terminated string that outlives the call.
            if FolderListing.isFile(path), unsafe access(path, X_OK) == 0 { return path }
        }
        return nil
    }

    /// Runs a program to its end.
    ///
    /// It is in a process group of its own, so that Ctrl-C is this program's to handle, reads nothing, and has the usual signals.
    /// - Parameter limit: Bytes of output after which it is stopped.
    /// - Returns: nil when it cannot be started.
    static func run(_ program: String, _ arguments: [String], seconds: Double, limit: Int) -> ChildProcess? {
        guard let out = pipe(), let err = pipe() else { return nil }
        defer { for end in [out.read, err.read] { close(end) } }
        let child = spawn(program, arguments, out.write, err.write)
        for end in [out.write, err.write] { close(end) }
        guard let child else { return nil }
        var (output, errors) = ([UInt8](), [UInt8]())
        var open = [out.read, err.read]
        let start = ContinuousClock.now
        var stopped: End?
        while !open.isEmpty, stopped == nil {
            let left = Duration.seconds(seconds) - (ContinuousClock.now - start)
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            if milliseconds <= 0 {
                stopped = .outOfTime
                break
            }
            var waiting = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            // Safe: as many entries are named as there are.
            let ready = unsafe poll(&waiting, nfds_t(waiting.count), Int32(min(milliseconds, 1 << 30)))
            if ready < 0, errno != EINTR { break }
            for entry in waiting where ready > 0 && entry.revents != 0 {
                let got = read(entry.fd)
                if got.isEmpty {
                    open.removeAll { $0 == entry.fd }
                } else if entry.fd == out.read {
                    output.append(contentsOf: got)
                } else if errors.count < 1 << 14 {
                    errors.append(contentsOf: got)
                }
            }
            if output.count > limit { stopped = .tooMuch }
        }
        if stopped != nil { kill(child, SIGKILL) }
        let status = wait(child)
        // As the system's macros take a status apart.
        let end: End = status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
        return ChildProcess(end: stopped ?? end, output: output, errors: errors)
    }

    private static func pipe() -> (read: Int32, write: Int32)? {
        var ends: [Int32] = [0, 0]
        // Safe: there is room for the two that are written.
        guard unsafe Glibc.pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func spawn(_ program: String, _ arguments: [String], _ out: Int32, _ err: Int32) -> pid_t? {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        // Safe: both are made before and freed after, and the strings live until the call returns.
        guard unsafe posix_spawn_file_actions_init(&actions) == 0 else { return nil }
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        guard unsafe posix_spawnattr_init(&attributes) == 0 else { return nil }
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, out, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, err, 2)
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&signals, number) }
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var words = unsafe ([program] + arguments).map { unsafe strdup($0) }
        defer { unsafe words.forEach { unsafe free($0) } }
        unsafe words.append(nil)
        var child = pid_t()
        // A program that was written a moment ago is busy while a fork of another thread still holds the file that wrote it.
        for _ in 0..<100 {
            let status = unsafe posix_spawn(&child, program, &actions, &attributes, words, environ)
            guard status == ETXTBSY else { return status == 0 ? child : nil }
            usleep(10_000)
        }
        return nil
    }

    /// What is there now; nothing at the end.
    private static func read(_ descriptor: Int32) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        // Safe: no more is written than there is room for.
        let got = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
        return got > 0 ? [UInt8](buffer[..<got]) : []
    }

    private static func wait(_ child: pid_t) -> Int32 {
        var status: Int32 = 0
        // Safe: the status outlives the call.
        while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
