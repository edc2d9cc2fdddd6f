import Glibc

/// A result's file under the name that a person gave, written as `cp`, `sort -o` and `curl -o` do.
///
/// - Devices, pipes and descriptors (`-`, `/dev/null`, `/dev/stdout`, `/dev/fd/3`) are written through, as bytes come.
/// - A file that is there stays the file it is: owner, mode, hard links, and the links that lead to it. It changes only in
///   ``close()``, when all bytes are known and the disk has set room aside for them.
/// - A new file appears whole, in ``close()``; also where a link leads to that leads nowhere yet.
/// - A name that ends in `.gz` means gzip.
///
/// Dropped before ``close()``, it leaves everything as it was.
public final class OutputFile {
    private enum Sink {
        case stream(OutputDescriptor, isOurs: Bool)
        case replace(OutputDescriptor, by: Spool)
        case create(path: String, from: Spool)
    }

    private let path: String
    private let sink: Sink
    private let deflater: GzipDeflater?
    private var pending: [UInt8] = []
    private var isClosed = false

    /// Opens the place, so that one that cannot be written is an error before the work and not after it. Nothing is changed.
    ///
    /// - Throws: ``FormatError/io(path:operation:code:)``.
    public init(path: String) throws(FormatError) {
        self.path = path
        switch try OutputTarget(path) {
        case .inherited(let number): sink = .stream(OutputDescriptor(number: number, path: path), isOurs: false)
        case .special: sink = .stream(try OutputFile.open(path, shownAs: path), isOurs: true)
        case .existing(let end):
            let file = try OutputFile.open(end, shownAs: path)
            do throws(FormatError) {
                sink = .replace(file, by: try Spool(replacing: end, shownAs: path))
            } catch {
                Glibc.close(file.number)
                throw error
            }
        case .new(let end): sink = .create(path: end, from: try Spool(creating: end, shownAs: path))
        }
        deflater = path.utf8.suffix(3).elementsEqual(".gz".utf8) ? try GzipDeflater(path: path) : nil
    }

    deinit {
        switch sink {
        case .stream(let file, let isOurs): if isOurs, !isClosed { Glibc.close(file.number) }
        case .replace(let file, _): Glibc.close(file.number)
        case .create: break
        }
    }

    /// Appends text.
    ///
    /// - Throws: ``FormatError/io(path:operation:code:)``.
    public func write(_ text: String) throws(FormatError) {
        pending.append(contentsOf: text.utf8)
        if pending.count >= 1 << 20 { try flush(isLast: false) }
    }

    /// Appends bytes.
    ///
    /// - Throws: ``FormatError/io(path:operation:code:)``.
    public func write(_ bytes: [UInt8]) throws(FormatError) {
        pending.append(contentsOf: bytes)
        if pending.count >= 1 << 20 { try flush(isLast: false) }
    }

    /// Completes the file.
    ///
    /// - Throws: ``FormatError/io(path:operation:code:)``.
    public func close() throws(FormatError) {
        guard !isClosed else { return }
        try flush(isLast: true)
        switch sink {
        case .stream(let file, let isOurs):
            isClosed = true
            // Some file systems, and pipes of some devices, tell of a failed write only here.
            if isOurs, Glibc.close(file.number) != 0, errno != EINTR {
                throw .io(path: path, operation: "write", code: errno)
            }
        case .replace(let file, let spool): try spool.copy(into: file)
        case .create(let end, let spool): try spool.publish(as: end)
        }
        isClosed = true
    }

    private var descriptor: OutputDescriptor {
        switch sink {
        case .stream(let file, _): file
        case .replace(_, let spool), .create(_, let spool): spool.file
        }
    }

    private func flush(isLast: Bool) throws(FormatError) {
        if let deflater {
            var rest = pending[...]
            while rest.count > 1 << 20 {
                try descriptor.write(deflater.deflate(rest.prefix(1 << 20), isLast: false))
                rest = rest.dropFirst(1 << 20)
            }
            try descriptor.write(deflater.deflate(rest, isLast: isLast))
        } else {
            try descriptor.write(pending)
        }
        pending.removeAll(keepingCapacity: true)
    }

    private static func open(_ path: String, shownAs name: String) throws(FormatError) -> OutputDescriptor {
        while true {
            // Safe: Swift passes the path as a NUL-terminated string. A pipe waits here for its reader.
            let number = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
            if number >= 0 { return OutputDescriptor(number: number, path: name) }
            if errno != EINTR { throw .io(path: name, operation: "write to", code: errno) }
        }
    }
}
