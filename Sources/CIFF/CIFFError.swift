public import CorpusFormats

/// What can be wrong with a CIFF file.
public enum CIFFError: Error, Equatable, Sendable {
    /// The file cannot be read or written.
    case file(FormatError)
    /// A message is not what the format asks for. Messages are counted from 1, the header; bytes are those of the uncompressed data.
    case malformed(path: String, message: Int, byte: Int, detail: String)
    /// An index cannot be told in the format.
    case unwritable(path: String, detail: String)
}

extension CIFFError: CustomStringConvertible {
    /// One line: what happened, where, and what to do.
    public var description: String {
        switch self {
        case .file(let error):
            error.description
        case .malformed(let path, let message, let byte, let detail):
            "\(path == "-" ? "Standard input" : "'\(path)'") is no sound CIFF file: message \(message) at byte \(byte): \(detail). "
                + "Write or fetch it again."
        case .unwritable(let path, let detail):
            "Cannot write '\(path)' as CIFF: \(detail)."
        }
    }
}
