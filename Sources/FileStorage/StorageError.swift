/// What can go wrong between a file and the bytes in it.
public enum StorageError: Error, Equatable, Sendable {
    /// The file or directory does not exist.
    case missing(path: String)
    /// The operating system refused `operation`.
    case io(path: String, operation: String, code: Int32)
    /// The file does not hold what its format promises.
    case malformed(path: String, detail: String)
    /// Bytes are not those that were written.
    case damaged(path: String, bytes: Range<Int>)
    /// A named tensor is absent.
    case missingTensor(path: String, name: String)
    /// A tensor has another type or shape than expected.
    case unexpectedTensor(path: String, name: String, found: String, expected: String)
}

extension StorageError: CustomStringConvertible {
    /// One line: what happened, where, and what to do.
    public var description: String {
        switch self {
        case .missing(let path):
            "'\(path)' does not exist. Check the path."
        case .io(let path, let operation, let code):
            "Cannot \(operation) '\(path)': \(errnoDescription(code)).\(code == 28 ? " Free some space and try again." : "")"
        case .malformed(let path, let detail):
            "'\(path)' is damaged or not of the expected format: \(detail). Restore it from its source."
        case .damaged(let path, let bytes):
            "'\(path)' is damaged: bytes \(bytes.lowerBound) to \(bytes.upperBound - 1) do not have their checksum. "
                + "Restore it from its source."
        case .missingTensor(let path, let name):
            "'\(path)' has no tensor named '\(name)'. Is it a checkpoint of another architecture?"
        case .unexpectedTensor(let path, let name, let found, let expected):
            "'\(path)': tensor '\(name)' is \(found), expected \(expected). Is it a checkpoint of another architecture?"
        }
    }
}
