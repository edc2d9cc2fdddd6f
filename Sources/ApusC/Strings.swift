import CApus

/// Texts that a caller passes one after another.
@safe struct Strings {
    private let bytes: UnsafeRawBufferPointer
    private let ends: UnsafeBufferPointer<Int64>
    private let name: String

    /// - Throws: ``Misuse`` for NULL, negative counts and ends that go back.
    init(_ strings: UnsafePointer<apus_strings>?, _ name: String) throws(Misuse) {
        guard let strings = unsafe strings else {
            throw Misuse(description: "'\(name)' is NULL, and texts are needed.")
        }
        try unsafe self.init(strings.pointee, name)
    }

    /// - Throws: As above.
    init(_ strings: apus_strings, _ name: String) throws(Misuse) {
        self.name = name
        unsafe ends = try unsafe Call.values(strings.ends, strings.count, name)
        try unsafe Ends.check(ends, name)
        unsafe bytes = try unsafe Call.bytes(strings.bytes, ends.last ?? 0, name)
    }

    var count: Int { unsafe ends.count }

    /// Text `place`.
    /// - Throws: ``Misuse`` for bytes that are no UTF-8.
    func text(_ place: Int) throws(Misuse) -> String {
        // Safe: the ends ascend and lie within the bytes.
        let range = unsafe (place == 0 ? 0 : Int(ends[place - 1]))..<Int(ends[place])
        guard let text = unsafe String(validating: bytes[range], as: UTF8.self) else {
            throw Misuse(description: "Text \(place) of '\(name)' is not UTF-8. Encode it as UTF-8.")
        }
        return text
    }

    /// All of them.
    /// - Throws: As above.
    func all() throws(Misuse) -> [String] {
        var texts: [String] = []
        texts.reserveCapacity(count)
        for place in 0..<count { texts.append(try text(place)) }
        return texts
    }
}

/// Where the parts of a list end.
enum Ends {
    /// - Throws: ``Misuse`` for ends that go back.
    static func check(_ ends: UnsafeBufferPointer<Int64>, _ name: String) throws(Misuse) {
        var last: Int64 = 0
        for place in ends.indices {
            let end = unsafe ends[place]
            guard end >= last else {
                throw Misuse(
                    description: "End \(place) of '\(name)' is \(end), before the one of its predecessor, \(last).")
            }
            last = end
        }
    }
}
