/// An array of a .npz archive, read number by number from beginning to end.
final class NumberColumn {
    /// Its name in the archive, without `.npy`.
    let name: String
    let shape: [Int]
    /// The kind of its elements as numpy spells it, without the byte order: `i4`, `f2`, `U12`, `S3`.
    let type: String
    let count: Int

    private let path: String
    private let stream: ZipStream
    private let width: Int
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var next = 0
    private var end = 0
    private(set) var taken = 0

    init(_ member: ZipArchive.Member, of path: String) throws(FormatError) {
        self.path = path
        name = member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
        stream = try ZipStream(member, of: path)
        func wrong(_ detail: String) -> FormatError {
            .malformed(path: path, what: "npz archive", detail: "its member '\(member.name)' \(detail)")
        }
        let start = try Self.bytes(stream, 10)
        guard start.count == 10, start.starts(with: [0x93] + Array("NUMPY".utf8)) else {
            throw wrong("is no array of numpy's")
        }
        var length = Int(start[8]) | Int(start[9]) << 8
        if start[6] > 1 {
            let more = try Self.bytes(stream, 2)
            guard more.count == 2 else { throw wrong("is cut off") }
            length |= Int(more[0]) << 16 | Int(more[1]) << 24
        }
        guard length <= 1 << 20 else { throw wrong("has a head of \(length) bytes") }
        let head = String(decoding: try Self.bytes(stream, length), as: UTF8.self)
        guard let descr = Self.value(of: "descr", in: head), let order = Self.value(of: "fortran_order", in: head),
            let shape = Self.value(of: "shape", in: head)
        else { throw wrong("has no head that says its type and shape") }
        let spelled = descr.filter { $0 != "'" && $0 != "\"" }
        self.shape = shape.split { !$0.isNumber }.compactMap { Int($0) }
        guard !spelled.hasPrefix(">") || spelled.hasSuffix("1") else {
            throw wrong("is big-endian; save it as '<\(spelled.dropFirst())'")
        }
        type = spelled.first.map { "<|=>".contains($0) } ?? false ? String(spelled.dropFirst()) : spelled
        guard order.contains("False") || self.shape.count < 2 else { throw wrong("is in Fortran's order") }
        guard let size = Int(type.dropFirst()), size > 0, size <= 1 << 16 else {
            throw wrong("has elements of the type '\(spelled)'")
        }
        width = type.hasPrefix("U") ? 4 * size : size
        var (count, isTooMany) = (1, false)
        for side in self.shape where !isTooMany { (count, isTooMany) = count.multipliedReportingOverflow(by: side) }
        guard !isTooMany, count <= member.size / width else { throw wrong("is shorter than its shape") }
        self.count = count
    }

    /// Bytes of the file that were read.
    var bytesRead: Int { stream.bytesRead }
    var isText: Bool { type.hasPrefix("U") || type.hasPrefix("S") }

    private func wrong(_ detail: String) -> FormatError {
        .malformed(path: path, what: "npz archive", detail: "its array '\(name)' \(detail)")
    }

    /// The next element as a whole number.
    func integer() throws(FormatError) -> Int {
        let at = try step()
        switch type {
        case "i1": return Int(Int8(bitPattern: buffer[at]))
        case "u1", "b1": return Int(buffer[at])
        case "i2": return Int(Int16(truncatingIfNeeded: bits(at)))
        case "u2": return Int(bits(at))
        case "i4": return Int(Int32(truncatingIfNeeded: bits(at)))
        case "u4": return Int(bits(at))
        case "i8": return Int(Int64(bitPattern: bits(at)))
        case "u8": return Int(clamping: bits(at))
        default: throw wrong("has elements of the type '\(type)', not whole numbers")
        }
    }

    /// The next element as a number.
    func number() throws(FormatError) -> Double {
        switch type {
        case "f4": return Double(Float(bitPattern: UInt32(bits(try step()))))
        case "f8": return Double(bitPattern: bits(try step()))
        case "f2": return Self.half(UInt16(bits(try step())))
        default: return Double(try integer())
        }
    }

    /// The next element as text; a number in its digits.
    func text() throws(FormatError) -> String {
        guard isText else { return String(try integer()) }
        let at = try step()
        if type.hasPrefix("S") {
            return String(decoding: buffer[at..<at + width].prefix { $0 != 0 }, as: UTF8.self)
        }
        var text = ""
        for place in stride(from: at, to: at + width, by: 4) {
            let value = (0..<4).reduce(UInt32(0)) { $0 | UInt32(buffer[place + $1]) << (8 * UInt32($1)) }
            guard value != 0 else { break }
            guard let scalar = Unicode.Scalar(value) else { throw wrong("holds what is no character") }
            text.unicodeScalars.append(scalar)
        }
        return text
    }

    /// Reads to the end, so that the checksum is compared.
    func finish() throws(FormatError) {
        guard taken == count else { return }
        while try fill() > 0 { end = next }
    }

    private func bits(_ at: Int) -> UInt64 {
        (0..<min(8, width)).reduce(0) { $0 | UInt64(buffer[at + $1]) << (8 * UInt64($1)) }
    }

    /// Half precision; Swift's own type is not there on every machine.
    private static func half(_ bits: UInt16) -> Double {
        let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
        let sign = bits >> 15 == 0 ? 1.0 : -1.0
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
        }
    }

    /// Where the next element stands in the buffer.
    private func step() throws(FormatError) -> Int {
        guard taken < count else { throw wrong("is shorter than the others say") }
        while end - next < width {
            if try fill() == 0 { throw wrong("is cut off") }
        }
        defer {
            next += width
            taken += 1
        }
        return next
    }

    private func fill() throws(FormatError) -> Int {
        if next > 0 {
            buffer.replaceSubrange(0..<end - next, with: buffer[next..<end])
            (next, end) = (0, end - next)
        }
        if buffer.count < 2 * width { buffer.append(contentsOf: [UInt8](repeating: 0, count: 2 * width)) }
        let from = end
        // Safe: only the part of the buffer behind `from` is handed out.
        let result = unsafe buffer.withUnsafeMutableBytes { bytes in
            Result { () throws(FormatError) -> Int in
                try unsafe stream.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[from...]))
            }
        }
        let made = try result.get()
        end += made
        return made
    }

    private static func bytes(_ stream: ZipStream, _ count: Int) throws(FormatError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let from = done
            // Safe: only the part of the buffer behind `from` is handed out.
            let result = unsafe bytes.withUnsafeMutableBytes { buffer in
                Result { () throws(FormatError) -> Int in
                    try unsafe stream.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[from...]))
                }
            }
            let made = try result.get()
            if made == 0 { return Array(bytes[..<done]) }
            done += made
        }
        return bytes
    }

    /// The value of a key of the head, which is a Python dictionary of three.
    private static func value(of key: String, in head: String) -> String? {
        guard let name = head.firstRange(of: "'\(key)':") else { return nil }
        let rest = head[name.upperBound...].drop { $0 == " " }
        if rest.first == "(" { return rest.firstIndex(of: ")").map { String(rest[..<$0]) } }
        return String(rest.prefix { $0 != "," && $0 != "}" })
    }
}
