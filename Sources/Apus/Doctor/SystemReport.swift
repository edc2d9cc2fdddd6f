import Foundation
public import LearnedEncoder

/// What Apus has to work with on this machine.
///
///     print(try AnswerJSON.text(SystemReport()))
public struct SystemReport: Sendable, Codable {
    /// The version.
    public let version: String
    /// How it was built.
    public let build: String
    /// The kernels' instruction sets.
    public let kernels: KernelSupport
    /// Threads that verbs use unless told otherwise.
    public let threads: Int
    /// Bytes of memory that the machine has.
    public let memory: UInt64
    /// The tool that turns PDF files into text; nil where there is none.
    public let pdftotext: String?
    /// Whether the bundled model is in this program.
    public let hasBundledModel: Bool

    /// Looks around.
    /// - Throws: `EncoderError` when `APUS_LEVEL` names an instruction set that this processor has not.
    public init() throws(EncoderError) {
        (version, build) = (ApusVersion.number, ApusVersion.build)
        kernels = try KernelSupport()
        let process = ProcessInfo.processInfo
        (threads, memory) = (process.activeProcessorCount, process.physicalMemory)
        pdftotext = (process.environment["PATH"] ?? "").split(separator: ":").map { $0 + "/pdftotext" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        hasBundledModel = (try? ModelChoice.bundled.files()) != nil
    }

    /// A line for each.
    public var lines: [String] {
        [
            "apus \(version) (\(build))",
            "kernels: \(kernels.used) (this processor has \(kernels.available.joined(separator: ", ")); APUS_LEVEL names another one)",
            "threads: \(threads)", "memory: \(memory >> 20) MB",
            "PDF files: " + (pdftotext ?? "no pdftotext on the PATH; poppler-utils has it"),
            "bundled model: \(hasBundledModel ? "in this program" : "not in this program")",
        ]
    }
}
