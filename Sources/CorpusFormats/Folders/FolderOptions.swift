/// How a folder of documents is read.
public struct FolderOptions: Sendable, Equatable {
    /// Whether source code, data and files without an extension are documents too.
    public var takesSourceFiles = false
    /// The largest file that is read, in bytes, also when it is unpacked.
    public var maximumBytes = 128 << 20
    /// Seconds after which the conversion of one PDF is given up.
    public var pdfSeconds = 60.0
    /// Where programs that convert files are looked for, as in the PATH; nil for the PATH itself.
    public var programs: String?
    /// Folders that are passed over with all that they hold, such as the index that is being written.
    public var excluded: [String] = []

    /// What is read unless something else is asked for.
    public init() {}
}
