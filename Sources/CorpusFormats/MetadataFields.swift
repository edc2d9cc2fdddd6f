public import ByteStrings
import JSONScanning

/// Finds members of JSON objects by their paths, without building a tree.
///
/// A path is looked for in the member `metadata` first, where that is an object, then at the top: `{"metadata": {"year": 2020}}` and
/// `{"year": 2020}` are the same. Names are compared without their escapes, byte by byte; of two members with one name the first
/// counts.
public struct MetadataFields: Sendable {
    /// A name that some path goes through.
    private struct Node {
        let name: ByteString
        /// Places of the paths that end here: 2 × path inside `metadata`, and one more at the top.
        var ends: [Int] = []
        var children: [Node] = []

        mutating func insert(_ path: ArraySlice<ByteString>, _ place: Int) {
            guard let first = path.first else { return ends.append(place) }
            if let child = children.firstIndex(where: { $0.name == first }) {
                children[child].insert(path.dropFirst(), place)
            } else {
                var child = Node(name: first)
                child.insert(path.dropFirst(), place)
                children.append(child)
            }
        }
    }

    private var root = Node(name: "")
    private let count: Int
    private var scanner = JSONScanner()

    /// - Parameter paths: Names from the outermost object to the innermost, at least one each.
    public init(_ paths: [[ByteString]]) {
        count = paths.count
        for (number, path) in paths.enumerated() {
            root.insert((["metadata"] + path)[...], 2 * number)
            root.insert(path[...], 2 * number + 1)
        }
    }

    /// The values of the paths in one object, nil where there is none; of what is no JSON object all are nil.
    /// - Parameter json: UTF-8.
    /// - Complexity: O(bytes).
    public mutating func values(in json: Span<UInt8>) -> [MetadataValue?] {
        var found = [MetadataValue?](repeating: nil, count: 2 * count)
        scanner.position = 0
        do throws(JSONFault) {
            try read(root, json, depth: 0, &found)
            try scanner.finish(json)
        } catch {
            return Array(repeating: nil, count: count)
        }
        return (0..<count).map { found[2 * $0] ?? found[2 * $0 + 1] }
    }

    private mutating func read(
        _ node: Node, _ json: Span<UInt8>, depth: Int, _ found: inout [MetadataValue?]
    ) throws(JSONFault) {
        var seen: [Int] = []
        var more = try scanner.beginObject(json)
        while more {
            let key = ByteString(try scanner.key(json))
            if let place = node.children.firstIndex(where: { $0.name == key }), !seen.contains(place) {
                seen.append(place)
                try readValue(node.children[place], json, depth: depth, &found)
            } else {
                try scanner.skipValue(json, depth: depth + 1)
            }
            more = try scanner.nextMember(json)
        }
    }

    private mutating func readValue(
        _ node: Node, _ json: Span<UInt8>, depth: Int, _ found: inout [MetadataValue?]
    ) throws(JSONFault) {
        let value: MetadataValue
        scanner.skipSpace(json)
        switch scanner.kind(json) {
        case "an object":
            value = .object
            if node.children.isEmpty {
                try scanner.skipValue(json, depth: depth + 1)
            } else {
                try read(node, json, depth: depth + 1, &found)
            }
        case "an array": value = .array(try scanner.scalars(json, depth: depth + 1))
        default: value = .scalar(try scanner.scalar(json))
        }
        for place in node.ends { found[place] = value }
    }
}

extension JSONScanner {
    /// Reads a value that is no array and no object.
    mutating func scalar(_ bytes: Span<UInt8>) throws(JSONFault) -> MetadataScalar {
        let start = position
        switch kind(bytes) {
        case "a string": return .text(ByteString(try string(bytes)))
        case "a truth value":
            try skipValue(bytes)
            return .truth(bytes[start] == UInt8(ascii: "t"))
        case "null":
            try skipValue(bytes)
            return .null
        default:
            let value = try number(bytes)
            let isWhole = (start..<position).allSatisfy {
                bytes[$0] == UInt8(ascii: "-") || bytes[$0] &- UInt8(ascii: "0") < 10
            }
            guard isWhole, abs(value) >= 9_007_199_254_740_992 else { return .number(value) }
            // A double would not tell it from its neighbours.
            var text = ""
            for index in start..<position { text.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
            return Int64(text).map { .integer($0) } ?? .number(value)
        }
    }

    /// Reads an array; nested arrays and objects are passed over.
    fileprivate mutating func scalars(_ bytes: Span<UInt8>, depth: Int) throws(JSONFault) -> [MetadataScalar] {
        var elements: [MetadataScalar] = []
        position += 1
        skipSpace(bytes)
        if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
            position += 1
            return elements
        }
        while true {
            skipSpace(bytes)
            switch kind(bytes) {
            case "an object", "an array": try skipValue(bytes, depth: depth + 1)
            default: elements.append(try scalar(bytes))
            }
            skipSpace(bytes)
            guard position < bytes.count else { throw fault("',' or ']'") }
            let byte = bytes[position]
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else { throw fault("',' or ']'") }
            position += 1
            if byte == UInt8(ascii: "]") { return elements }
        }
    }
}
