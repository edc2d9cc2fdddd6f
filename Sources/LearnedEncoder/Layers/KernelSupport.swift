/// Which instruction sets the kernels have here.
public struct KernelSupport: Sendable, Codable {
    /// The one in use: the best, or what the environment variable `APUS_LEVEL` names.
    public let used: String
    /// Those that this processor can run.
    public let available: [String]

    /// Asks the processor.
    /// - Throws: ``EncoderError/kernels(name:available:)`` when `APUS_LEVEL` names none of them.
    public init() throws(EncoderError) {
        used = try KernelLevel.current().name
        available = KernelLevel.available.map(\.name)
    }
}
