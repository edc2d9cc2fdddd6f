import CZlib
import Glibc

/// The members of a zip archive, read each as a stream; stored or deflated, of any size.
struct ZipArchive {
    struct Member {
        let name: String
        let isDeflated: Bool
        /// The member's bytes in the file.
        let range: Range<Int>
        let size: Int
        let checksum: UInt
    }

    let path: String
    let members: [Member]
    let bytes: Int

    /// Reads the directory at the end of the file.
    /// - Throws: ``FormatError``.
    init(path: String) throws(FormatError) {
        self.path = path
        var status = stat()
        // Safe: both arguments outlive the call.
        guard unsafe stat(path, &status) == 0 else {
            if errno == ENOENT { throw .missing(path: path) }
            throw .io(path: path, operation: "open", code: errno)
        }
        bytes = Int(status.st_size)
        func damaged(_ detail: String) -> FormatError { .malformed(path: path, what: "zip archive", detail: detail) }
        let tailStart = max(0, bytes - (1 << 16) - 64)
        let tail = try Self.read(path, tailStart..<bytes)
        guard
            let end = (0...max(0, tail.count - 22)).reversed().first(where: {
                tail.count >= 22 && Self.number(tail, $0, 4) == 0x0605_4B50
            })
        else { throw damaged("it ends without a directory; it is cut off") }
        var (count, size, start) = (
            Self.number(tail, end + 10, 2), Self.number(tail, end + 12, 4), Self.number(tail, end + 16, 4)
        )
        if end >= 20, Self.number(tail, end - 20, 4) == 0x0706_4B50 {
            let place = Self.number(tail, end - 12, 8)
            guard place >= 0, place + 56 <= bytes else { throw damaged("its directory is not where it says") }
            let record = try Self.read(path, place..<place + 56)
            guard Self.number(record, 0, 4) == 0x0606_4B50 else { throw damaged("its directory is not where it says") }
            (count, size, start) = (
                Self.number(record, 32, 8), Self.number(record, 40, 8), Self.number(record, 48, 8)
            )
        }
        guard start >= 0, size >= 0, size <= 1 << 24, start <= bytes - size else {
            throw damaged("its directory is not where it says")
        }
        let directory = try Self.read(path, start..<start + size)
        var (members, at): ([Member], Int) = ([], 0)
        for _ in 0..<min(count, 1 << 16) {
            guard at + 46 <= directory.count, Self.number(directory, at, 4) == 0x0201_4B50 else {
                throw damaged("its directory is cut off")
            }
            let method = Self.number(directory, at + 10, 2)
            let lengths = [28, 30, 32].map { Self.number(directory, at + $0, 2) }
            let next = at + 46 + lengths.reduce(0, +)
            guard next <= directory.count else { throw damaged("its directory is cut off") }
            let name = String(decoding: directory[at + 46..<at + 46 + lengths[0]], as: UTF8.self)
            var numbers = [
                Self.number(directory, at + 24, 4), Self.number(directory, at + 20, 4),
                Self.number(directory, at + 42, 4),
            ]
            let extra = Array(directory[at + 46 + lengths[0]..<at + 46 + lengths[0] + lengths[1]])
            Self.widen(&numbers, extra)
            guard Self.number(directory, at + 8, 2) & 1 == 0, method == 0 || method == 8 else {
                throw damaged("its member '\(name)' is encrypted, or compressed in another way than by deflate")
            }
            guard numbers.allSatisfy({ $0 >= 0 }), numbers[2] + 30 <= bytes else {
                throw damaged("its member '\(name)' is not where the directory says")
            }
            let head = try Self.read(path, numbers[2]..<numbers[2] + 30)
            let first = numbers[2] + 30 + Self.number(head, 26, 2) + Self.number(head, 28, 2)
            guard Self.number(head, 0, 4) == 0x0403_4B50, first <= bytes, numbers[1] <= bytes - first,
                method == 8 || numbers[0] == numbers[1]
            else { throw damaged("its member '\(name)' is not where the directory says") }
            members.append(
                Member(
                    name: name, isDeflated: method == 8, range: first..<first + numbers[1], size: numbers[0],
                    checksum: UInt(Self.number(directory, at + 16, 4))))
            at = next
        }
        self.members = members
    }

    /// Whether a file begins like an archive.
    static func begins(_ start: ArraySlice<UInt8>) -> Bool { start.starts(with: [0x50, 0x4B, 0x03, 0x04]) }

    /// Sizes and offset that 32 bits do not hold stand behind each other in a field of the extra data.
    private static func widen(_ numbers: inout [Int], _ extra: [UInt8]) {
        var at = 0
        while at + 4 <= extra.count {
            let (tag, size) = (number(extra, at, 2), number(extra, at + 2, 2))
            if tag == 1 {
                var place = at + 4
                for index in numbers.indices
                where numbers[index] == 0xFFFF_FFFF && place + 8 <= min(at + 4 + size, extra.count) {
                    numbers[index] = number(extra, place, 8)
                    place += 8
                }
            }
            at += 4 + size
        }
    }

    private static func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | (at + $1 < bytes.count ? Int(bytes[at + $1]) << (8 * $1) : 0) }
    }

    private static func read(_ path: String, _ range: Range<Int>) throws(FormatError) -> [UInt8] {
        let source = try ByteSource(path: path, part: range)
        var bytes = [UInt8](repeating: 0, count: range.count)
        var done = 0
        while done < bytes.count {
            let from = done
            // Safe: only the part of the buffer behind `from` is handed out.
            let result = unsafe bytes.withUnsafeMutableBytes { buffer in
                Result { () throws(FormatError) -> Int in
                    try unsafe source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[from...]))
                }
            }
            let made = try result.get()
            if made == 0 { throw .malformed(path: path, what: "zip archive", detail: "it is cut off") }
            done += made
        }
        return bytes
    }
}

/// The bytes of a member, in order; its checksum is compared at the end.
final class ZipStream {
    let member: ZipArchive.Member
    private let path: String
    private let source: ByteSource
    private let inflater: GzipInflater?
    private var pending: [UInt8] = []
    private var taken = 0
    private var made = 0
    private var checksum: UInt = 0

    init(_ member: ZipArchive.Member, of path: String) throws(FormatError) {
        self.member = member
        self.path = path
        source = try ByteSource(path: path, part: member.range)
        inflater = member.isDeflated ? try GzipInflater(path: path, isRaw: true) : nil
    }

    /// Bytes of the file that were read.
    var bytesRead: Int { source.bytesRead }

    /// Fills `buffer` from its start.
    /// - Returns: The number of bytes written; 0 only at the end.
    /// - Throws: ``FormatError``; also where the member is not what its directory says.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
        let count = try unsafe step(buffer)
        guard count > 0 else {
            guard made == member.size, checksum == member.checksum else {
                throw .malformed(
                    path: path, what: "zip archive", detail: "the checksum of its member '\(member.name)' does not hold"
                )
            }
            return 0
        }
        made += count
        // Safe: the pointer is that of the buffer, of which `count` bytes were written.
        checksum = unsafe crc32(checksum, buffer.bindMemory(to: UInt8.self).baseAddress, UInt32(count))
        guard made <= member.size else {
            throw .malformed(
                path: path, what: "zip archive", detail: "its member '\(member.name)' is longer than it says")
        }
        return count
    }

    private func step(_ buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
        guard let inflater else { return try unsafe source.read(into: buffer) }
        while !inflater.isAtMemberEnd {
            if taken == pending.count {
                if pending.count != 1 << 16 { pending = [UInt8](repeating: 0, count: 1 << 16) }
                // Safe: the buffer outlives the call, which is told its size.
                let result = unsafe pending.withUnsafeMutableBytes { bytes in
                    Result { () throws(FormatError) -> Int in try unsafe source.read(into: bytes) }
                }
                let count = try result.get()
                if count == 0 {
                    throw .malformed(path: path, what: "zip archive", detail: "its member '\(member.name)' is cut off")
                }
                pending.removeSubrange(count...)
                taken = 0
            }
            let step = try unsafe inflater.inflate(pending[taken...], into: buffer)
            taken += step.taken
            if step.made > 0 { return step.made }
        }
        return 0
    }
}
