/// What this library is.
public enum ApusVersion {
    /// The version, as in CHANGELOG.md.
    public static let number = "0.2.0"
    /// How it was built: `release` or `debug`, the compiler and the processor.
    public static var build: String {
        #if DEBUG
            let configuration = "debug"
        #else
            let configuration = "release"
        #endif
        #if arch(x86_64)
            let architecture = "x86_64"
        #elseif arch(arm64)
            let architecture = "aarch64"
        #else
            let architecture = "another processor"
        #endif
        #if compiler(>=6.4)
            let compiler = "Swift 6.4 or newer"
        #elseif compiler(>=6.3)
            let compiler = "Swift 6.3"
        #else
            let compiler = "Swift 6.2"
        #endif
        return "\(configuration), \(compiler), \(architecture)"
    }
}
