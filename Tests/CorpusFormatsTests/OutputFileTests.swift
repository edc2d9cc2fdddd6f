import ApusTestSupport
import CorpusFormats
import Foundation
import Glibc
import Testing

/// What `cp`, `sort -o` and `curl -o` (GNU coreutils 9, curl 8) do with the name that they are given.
@Suite struct OutputFileTests {
    private let folder: String

    init() throws { folder = try TemporaryFiles().folder }

    private func write(_ text: String, to path: String) throws {
        let file = try OutputFile(path: path)
        try file.write(text)
        try file.close()
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func status(_ path: String) throws -> stat {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return status
    }

    @Test func aFileThatIsThereStaysTheFileItIs() throws {
        let (path, other) = (folder + "/private", folder + "/other")
        try Data("old and longer than the new".utf8).write(to: URL(fileURLWithPath: path))
        #expect(chmod(path, 0o600) == 0 && link(path, other) == 0)
        let before = try status(path)
        try write("new", to: path)
        let after = try status(path)
        #expect(after.st_ino == before.st_ino && after.st_mode == before.st_mode && after.st_nlink == 2)
        #expect(try text(other) == "new")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["other", "private"])
    }

    @Test func linksAreWrittenThrough() throws {
        for (link, target) in [
            ("first", "second"), ("second", "target"), ("dangling", "first-link"), ("first-link", "new"),
        ] {
            #expect(symlink(target, folder + "/" + link) == 0)
        }
        try Data("old".utf8).write(to: URL(fileURLWithPath: folder + "/target"))
        try write("through", to: folder + "/first")
        try write("to be", to: folder + "/dangling")
        #expect(try text(folder + "/target") == "through" && text(folder + "/new") == "to be")
        for link in ["first", "second", "dangling", "first-link"] {
            #expect(try status(folder + "/" + link).st_mode & S_IFMT == S_IFLNK)
        }
    }

    @Test func aNewFileAppearsWholeWithTheUmasksMode() throws {
        let path = folder + "/new"
        let file = try OutputFile(path: path)
        try file.write(String(repeating: "line\n", count: 500_000))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        try file.close()
        let mask = umask(0)
        umask(mask)
        #expect(try status(path).st_mode & 0o777 == 0o666 & ~mask)
        #expect(try status(path).st_size == 2_500_000)
    }

    /// The file may appear between opening and closing; it is then one that is there.
    @Test func aFileThatAppearsMeanwhileIsReplacedInPlace() throws {
        let path = folder + "/new"
        let file = try OutputFile(path: path)
        try file.write("mine")
        try Data("theirs and longer".utf8).write(to: URL(fileURLWithPath: path))
        try file.close()
        #expect(try text(path) == "mine")
    }

    @Test func whatIsAbandonedChangesNothing() throws {
        try Data("old".utf8).write(to: URL(fileURLWithPath: folder + "/there"))
        for name in ["there", "new"] {
            let file = try OutputFile(path: folder + "/" + name)
            try file.write(String(repeating: "x", count: 3 << 20))
        }
        #expect(try text(folder + "/there") == "old")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["there"])
    }

    @Test func pipesAndDevicesStayWhatTheyAre() throws {
        let pipe = folder + "/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        // Opened for both, so that neither side waits for the other.
        let reader = open(pipe, O_RDWR)
        defer { close(reader) }
        try write("through the pipe", to: pipe)
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(reader, &bytes, 64)
        #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == "through the pipe")
        #expect(try status(pipe).st_mode & S_IFMT == S_IFIFO)
        try write("nothing", to: "/dev/null")
        #expect(try status("/dev/null").st_mode & S_IFMT == S_IFCHR)
        let full = try OutputFile(path: "/dev/full")
        try full.write("x")
        #expect(throws: FormatError.io(path: "/dev/full", operation: "write", code: ENOSPC)) { try full.close() }
    }

    @Test func aDescriptorIsWrittenWhereItStands() throws {
        let path = folder + "/appended"
        try Data("head\n".utf8).write(to: URL(fileURLWithPath: path))
        let number = open(path, O_WRONLY | O_APPEND)
        defer { close(number) }
        try write("tail\n", to: "/dev/fd/\(number)")
        #expect(try text(path) == "head\ntail\n")
        // What this process opened for itself is nobody's to name.
        let own = open(path, O_WRONLY | O_CLOEXEC)
        defer { close(own) }
        #expect(throws: FormatError.io(path: "/proc/self/fd/\(own)", operation: "write to", code: EBADF)) {
            _ = try OutputFile(path: "/proc/self/fd/\(own)")
        }
    }

    @Test func whatIsNoFileIsRefusedAtOnce() throws {
        #expect(throws: FormatError.io(path: folder, operation: "write to", code: EISDIR)) {
            _ = try OutputFile(path: folder)
        }
        #expect(throws: FormatError.io(path: folder + "/no/", operation: "create", code: EISDIR)) {
            _ = try OutputFile(path: folder + "/no/")
        }
        #expect(throws: FormatError.io(path: folder + "/no/x", operation: "create", code: ENOENT)) {
            _ = try OutputFile(path: folder + "/no/x")
        }
        #expect(throws: FormatError.self) { _ = try OutputFile(path: "") }
        #expect(symlink("ring", folder + "/ring") == 0)
        #expect(throws: FormatError.io(path: folder + "/ring", operation: "create", code: ELOOP)) {
            _ = try OutputFile(path: folder + "/ring")
        }
    }

    /// `gzip -t` has the word on what gzip data is.
    @Test(arguments: [0, 1, 5_000_000])
    func aNameThatEndsInGzMeansGzip(count: Int) throws {
        let path = folder + "/run.gz"
        try write(String(repeating: "x", count: count), to: path)
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/bin/bash")
        gzip.arguments = ["-c", "gzip -t \"$0\" && test $(gzip -dc \"$0\" | wc -c) = \(count)", path]
        try gzip.run()
        gzip.waitUntilExit()
        #expect(gzip.terminationStatus == 0)
    }
}
