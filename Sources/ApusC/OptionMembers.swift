import JSONScanning

/// The members of a JSON object of options, each read once; what nobody read is an error.
struct OptionMembers {
    private let tree: JSONTree
    private let call: String
    private var known: Set<String> = []

    /// - Parameters:
    ///   - json: The object; NULL for none.
    ///   - call: Whose options they are, for messages.
    /// - Throws: ``Misuse`` for a text that is no JSON object.
    init(_ json: UnsafePointer<CChar>?, of call: String) throws(Misuse) {
        self.call = call
        guard let json = unsafe json else {
            tree = .object([])
            return
        }
        let text = try unsafe Call.string(json, "options of \(call)")
        guard let tree = JSONTree(Array(text.utf8)), tree.members != nil else {
            throw Misuse(description: "The options of \(call) are no JSON object: '\(text.prefix(80))'.")
        }
        self.tree = tree
    }

    /// - Throws: ``Misuse`` for a member that no read asked for.
    func finish() throws(Misuse) {
        for (name, _) in tree.members ?? [] where !known.contains(name) {
            throw Misuse(
                description: "\(call) has no option '\(name)'; there are \(known.sorted().joined(separator: ", ")).")
        }
    }

    mutating func string(_ name: String) throws(Misuse) -> String? {
        try value(name, "a text") { (value: JSONTree) in value.string }
    }

    mutating func strings(_ name: String) throws(Misuse) -> [String]? {
        try value(name, "a list of texts") { value in
            let texts = value.elements?.map(\.string)
            return texts.flatMap { $0.contains(nil) ? nil : $0.compactMap { $0 } }
        }
    }

    mutating func bool(_ name: String) throws(Misuse) -> Bool? {
        try value(name, "true or false") { (value: JSONTree) in value.bool }
    }

    mutating func whole(_ name: String, _ range: ClosedRange<Int>) throws(Misuse) -> Int? {
        try value(name, "a whole number from \(range.lowerBound) to \(range.upperBound)") { value in
            value.integer.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func whole(_ name: String, atLeast least: Int) throws(Misuse) -> Int? {
        try value(name, "a whole number of at least \(least)") { value in
            value.integer.flatMap { $0 >= least ? $0 : nil }
        }
    }

    mutating func number(_ name: String, _ range: ClosedRange<Double>) throws(Misuse) -> Double? {
        try value(name, "a number from \(range.lowerBound) to \(range.upperBound)") { value in
            value.number.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A number above 0.
    mutating func positive(_ name: String) throws(Misuse) -> Double? {
        try value(name, "a number above 0") { value in value.number.flatMap { $0 > 0 && $0.isFinite ? $0 : nil } }
    }

    /// One of several names.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _: Choice.Type = Choice.self
    ) throws(Misuse) -> Choice? where Choice.RawValue == String {
        try value(name, "one of " + Choice.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")) { value in
            value.string.flatMap { Choice(rawValue: $0) }
        }
    }

    private mutating func value<Value>(
        _ name: String, _ expected: String, _ read: (JSONTree) -> Value?
    ) throws(Misuse) -> Value? {
        known.insert(name)
        guard let found = tree[name] else { return nil }
        guard let value = read(found) else {
            throw Misuse(description: "'\(name)' must be \(expected), not \(found.label).")
        }
        return value
    }
}
