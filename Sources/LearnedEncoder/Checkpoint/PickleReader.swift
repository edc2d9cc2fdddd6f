import FileStorage

/// What a pickle may build here; everything else is refused.
indirect enum PickleValue: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
    case tuple([PickleValue])
    case list([PickleValue])
    case dictionary([(key: PickleValue, value: PickleValue)])
    case global(String)
    case persistent([PickleValue])
    case call(String, [PickleValue])
}

/// Reads the subset of Python's pickle that `torch.save` writes for a dictionary of tensors.
///
/// Nothing is executed: a call to one of the allowed names becomes a value that describes the call, any other name and any
/// other opcode is an error. Opcodes: CPython's `pickletools.py`.
struct PickleReader {
    private var input: ByteReader
    private let allowed: Set<String>
    private var stack: [Entry] = []
    private var marks: [Int] = []
    private var memo: [Int: Entry] = [:]

    /// A value and how deeply it is nested: a value nested a million times would overflow the call stack when freed.
    private struct Entry {
        let value: PickleValue
        var depth = 0
    }

    private static let maximumDepth = 32
    /// Growing a list by one value copies it; more than this is no checkpoint but a way to keep a reader busy.
    private static let maximumCopies = 50_000_000
    private var copies = 0

    init(_ bytes: MappedBytes, in range: Range<Int>, allowing names: Set<String>) {
        input = ByteReader(bytes, in: range)
        allowed = names
    }

    /// The value of the whole pickle.
    /// - Throws: ``EncoderError/malformed(path:detail:)``, ``EncoderError/unsupported(path:kind:name:known:)``.
    mutating func read() throws(EncoderError) -> PickleValue {
        while true {
            let opcode = try input.integer(UInt8.self)
            if opcode == UInt8(ascii: ".") { return try pop().value }
            if try !container(opcode), try !scalar(opcode) { try other(opcode) }
        }
    }

    private func damaged(_ what: String) -> EncoderError {
        .malformed(path: input.bytes.path, detail: "its pickle \(what) at byte \(input.position)")
    }

    private mutating func pop() throws(EncoderError) -> Entry {
        guard stack.count > marks.last ?? 0, let entry = stack.popLast() else {
            throw damaged("takes from an empty stack")
        }
        return entry
    }

    private mutating func popToMark() throws(EncoderError) -> [Entry] {
        guard let mark = marks.popLast(), mark <= stack.count else { throw damaged("has no mark") }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private mutating func pushTuple(_ entries: [Entry]) throws(EncoderError) {
        try push(.tuple(entries.map(\.value)), over: entries)
    }

    private mutating func pushTuple(of count: Int) throws(EncoderError) {
        var entries: [Entry] = []
        for _ in 0..<count { entries.append(try pop()) }
        try pushTuple(entries.reversed())
    }

    /// Pushes a value that holds `members`.
    private mutating func push(_ value: PickleValue, over members: [Entry] = []) throws(EncoderError) {
        let depth = members.reduce(0) { max($0, $1.depth + 1) }
        guard depth <= Self.maximumDepth else { throw damaged("nests values too deeply") }
        stack.append(Entry(value: value, depth: depth))
    }

    private mutating func scalar(_ opcode: UInt8) throws(EncoderError) -> Bool {
        switch opcode {
        case UInt8(ascii: "N"): try push(.none)
        case 0x88: try push(.bool(true))
        case 0x89: try push(.bool(false))
        case UInt8(ascii: "K"): try push(.integer(Int(try input.integer(UInt8.self))))
        case UInt8(ascii: "M"): try push(.integer(Int(try input.integer(UInt16.self))))
        case UInt8(ascii: "J"): try push(.integer(Int(try input.integer(Int32.self))))
        case 0x8A:
            let bytes = unsafe [UInt8](try input.take(Int(try input.integer(UInt8.self))))
            guard bytes.count <= 8 else { throw damaged("has an integer of \(bytes.count) bytes") }
            var value = bytes.last.map { $0 > 127 ? -1 : 0 } ?? 0
            for byte in bytes.reversed() { value = value << 8 | Int(byte) }
            try push(.integer(value))
        case UInt8(ascii: "G"):
            try push(.float(Double(bitPattern: try input.integer(UInt64.self).byteSwapped)))
        case UInt8(ascii: "X"):
            try push(.string(try input.string(try input.size(UInt32.self))))
        case 0x8C:
            try push(.string(try input.string(try input.size(UInt8.self))))
        default: return false
        }
        return true
    }

    private mutating func container(_ opcode: UInt8) throws(EncoderError) -> Bool {
        switch opcode {
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: ")"): try push(.tuple([]))
        case UInt8(ascii: "]"): try push(.list([]))
        case UInt8(ascii: "}"): try push(.dictionary([]))
        case UInt8(ascii: "t"): try pushTuple(try popToMark())
        case 0x85: try pushTuple(of: 1)
        case 0x86: try pushTuple(of: 2)
        case 0x87: try pushTuple(of: 3)
        case UInt8(ascii: "a"):
            let value = try pop()
            try append([value])
        case UInt8(ascii: "e"): try append(try popToMark())
        case UInt8(ascii: "s"):
            let value = try pop()
            try insert([try pop(), value])
        case UInt8(ascii: "u"): try insert(try popToMark())
        default: return false
        }
        return true
    }

    private mutating func append(_ entries: [Entry]) throws(EncoderError) {
        let list = try pop()
        guard case .list(let values) = list.value else { throw damaged("appends to what is no list") }
        try count(values.count)
        try push(.list(values + entries.map(\.value)), over: entries + [Entry(value: .none, depth: list.depth - 1)])
    }

    private mutating func count(_ copied: Int) throws(EncoderError) {
        copies += copied
        guard copies <= Self.maximumCopies else { throw damaged("is put together in too many steps") }
    }

    private mutating func insert(_ entries: [Entry]) throws(EncoderError) {
        let dictionary = try pop()
        guard entries.count % 2 == 0, case .dictionary(var pairs) = dictionary.value else {
            throw damaged("sets an item of what is no dictionary")
        }
        try count(pairs.count)
        for i in stride(from: 0, to: entries.count, by: 2) { pairs.append((entries[i].value, entries[i + 1].value)) }
        try push(.dictionary(pairs), over: entries + [Entry(value: .none, depth: dictionary.depth - 1)])
    }

    private mutating func other(_ opcode: UInt8) throws(EncoderError) {
        switch opcode {
        case 0x80: _ = try unsafe input.take(1)  // the protocol's version
        case 0x95: _ = try unsafe input.take(8)  // a frame's length
        case UInt8(ascii: "q"): memo[Int(try input.integer(UInt8.self))] = stack.last
        case UInt8(ascii: "r"): memo[Int(try input.integer(UInt32.self))] = stack.last
        case 0x94: memo[memo.count] = stack.last
        case UInt8(ascii: "h"): try recall(Int(try input.integer(UInt8.self)))
        case UInt8(ascii: "j"): try recall(Int(try input.integer(UInt32.self)))
        case UInt8(ascii: "c"):
            let module = try input.line()
            try global(module + "." + input.line())
        case 0x93:
            guard case .string(let name) = try pop().value, case .string(let module) = try pop().value else {
                throw damaged("names a global by what is no string")
            }
            try global(module + "." + name)
        case UInt8(ascii: "Q"):
            let entry = try pop()
            guard case .tuple(let id) = entry.value else { throw damaged("has a persistent id that is no tuple") }
            try push(.persistent(id), over: [entry])
        case UInt8(ascii: "R"):
            let entry = try pop()
            guard case .tuple(let arguments) = entry.value, case .global(let name) = try pop().value else {
                throw damaged("calls what is no name")
            }
            try push(name == "collections.OrderedDict" ? .dictionary([]) : .call(name, arguments), over: [entry])
        case UInt8(ascii: "b"): _ = try pop()  // attributes of the object below, such as _metadata: not needed
        default:
            throw damaged("has the opcode \(opcode), which no dictionary of tensors needs,")
        }
    }

    private mutating func recall(_ index: Int) throws(EncoderError) {
        guard let value = memo[index] else { throw damaged("recalls a value that it never stored") }
        stack.append(value)
    }

    private mutating func global(_ name: String) throws(EncoderError) {
        guard allowed.contains(name) else {
            throw .unsupported(path: input.bytes.path, kind: "Python name", name: name, known: allowed.sorted())
        }
        try push(.global(name))
    }
}
