/// Why a file of a folder gives no document.
public enum FileFault: Error, Equatable, Sendable {
    /// It cannot be opened, read or unpacked.
    case unreadable(FormatError)
    /// It is no file any more.
    case noFile
    /// It is larger than what is read.
    case tooLarge(limit: Int)
    /// It holds no text.
    case binary
    /// It is of a kind that no reader understands, whatever its name says.
    case foreign(found: String, advice: String)
    /// The program that converts it is not on the PATH.
    case noConverter
    /// The program that converts it refuses.
    case refused(String)
    /// Its conversion took too long.
    case slow(seconds: Double)
    /// Its name is not UTF-8, so that it cannot become an id.
    case badName
    /// Its id is that of a document from elsewhere, or of another file.
    case idTaken(String)

    /// The fault as an error about a file that was asked for by name.
    func asError(_ path: String) -> FormatError {
        switch self {
        case .unreadable(let error): error
        case .foreign(let found, let advice): .foreign(path: path, found: found, advice: advice)
        case .badName: .badFileName(path: path)
        default: .unconvertible(path: path, fault: self)
        }
    }

    /// What a person can do about it; empty where nothing is to be said.
    var advice: String {
        switch self {
        case .tooLarge: "Larger files are read with --max-file-size."
        case .noConverter: "Install poppler-utils to read PDFs."
        case .slow: "--pdf-seconds gives more time."
        case .badName: "Rename such files, for example with 'convmv'."
        default: ""
        }
    }
}

extension FileFault: CustomStringConvertible {
    /// A few words, to stand behind the file's name.
    public var description: String {
        switch self {
        case .unreadable(.io(_, let operation, let code)): "cannot \(operation): \(systemMessage(code))"
        case .unreadable(.missing): "it is gone"
        case .unreadable(.truncatedGzip), .unreadable(.truncatedZstd): "its compressed data end in the middle"
        case .unreadable(.damagedGzip), .unreadable(.damagedZstd): "its compressed data are damaged"
        case .unreadable(let error): "\(error)"
        case .noFile: "it is no file"
        case .tooLarge(let limit): "it is larger than \(limit >> 20) MB"
        case .binary: "it holds no text"
        case .foreign(let found, _): "it is \(found)"
        case .noConverter: "there is no pdftotext to read it"
        case .refused(let message): message
        case .slow(let seconds):
            "pdftotext took more than \(seconds.rounded() == seconds ? "\(Int(seconds))" : "\(seconds)") s"
        case .badName: "its name is not UTF-8"
        case .idTaken(let id): "its id '\(id)' is that of a document from elsewhere"
        }
    }
}

/// A file that was passed over.
public struct PassedOverFile: Sendable, Equatable {
    /// The path inside the folder.
    public let name: String
    /// Why.
    public let fault: FileFault

    /// A file and the reason.
    public init(name: String, fault: FileFault) { (self.name, self.fault) = (name, fault) }
}

extension PassedOverFile: Codable {
    private enum CodingKeys: String, CodingKey {
        case path, reason
    }

    /// Writes the path and the reason in words.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .path)
        try values.encode(fault.description, forKey: .reason)
    }

    /// Reads what was written; the reason stays words.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .path)
        fault = .refused(try values.decode(String.self, forKey: .reason))
    }
}
