import JSONScanning

/// The members of a line that are neither id nor text nor title: a document's metadata, spelled as in the file.
struct OtherMembers {
    private var bytes: [UInt8] = []

    /// Forgets those of the line before.
    mutating func removeAll() {
        if bytes.capacity > 1 << 20 { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
    }

    /// Copies a member; BEIR's `"metadata": {}` says nothing and is left out.
    mutating func keep(_ key: String, _ value: Range<Int>, _ line: Span<UInt8>) {
        if key == "metadata", line[value.lowerBound] == UInt8(ascii: "{"),
            value.dropFirst().dropLast().allSatisfy({ line[$0] <= 0x20 })
        {
            return
        }
        bytes.append(UInt8(ascii: bytes.isEmpty ? "{" : ","))
        bytes.append(contentsOf: JSONText.quoted(key).utf8)
        bytes.append(UInt8(ascii: ":"))
        // Safe: the pointer is used inside the closure only.
        unsafe line.extracting(value).withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    /// One JSON object, or nil where there are none.
    var object: String? { bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) + "}" }
}
