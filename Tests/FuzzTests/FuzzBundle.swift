import FileStorage

/// Several files in one fuzz input: each begins with a line `@@@ name`, its bytes go up to the next such line.
///
/// Marks instead of lengths, so that a mutation inside one file leaves the others where they are.
struct FuzzBundle {
    /// The bytes of each file by its name; of two with one name, the last counts.
    private(set) var files: [String: ArraySlice<UInt8>] = [:]

    private static let mark = Array("@@@ ".utf8)

    init(_ input: [UInt8]) {
        var (name, start): (String?, Int) = (nil, 0)
        var position = 0
        while position < input.count {
            let isLineStart = position == 0 || input[position - 1] == 0x0A
            guard isLineStart, input[position...].starts(with: Self.mark),
                let end = input[position...].prefix(100).firstIndex(of: 0x0A)
            else {
                position += 1
                continue
            }
            // The line feed before a mark belongs to the mark.
            if let name { files[name] = input[start..<max(start, position - 1)] }
            name = String(decoding: input[(position + Self.mark.count)..<end], as: UTF8.self)
            (start, position) = (end + 1, end + 1)
        }
        if let name { files[name] = input[start...] }
    }

    /// Calls `body` with each file in memory of exactly its size, so that a read beyond the end is seen by AddressSanitizer.
    func withMappedFiles<Result>(_ body: ([String: MappedBytes]) -> Result) -> Result {
        var buffers: [UnsafeMutableRawPointer] = unsafe []
        defer { for place in unsafe buffers.indices { unsafe buffers[place].deallocate() } }
        var mapped: [String: MappedBytes] = [:]
        for (name, bytes) in files {
            let buffer = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 64)
            unsafe buffer.copyMemory(from: [UInt8](bytes), byteCount: bytes.count)
            unsafe buffers.append(buffer)
            mapped[name] = unsafe MappedBytes(
                unsafeStatic: UnsafeRawBufferPointer(start: buffer, count: bytes.count), name: "fuzz/" + name)
        }
        return body(mapped)
    }
}
