import CApusKernels

/// An instruction set of the C kernels; those of x86-64 contain the ones before them, see `level.h`.
enum KernelLevel: Int32, CaseIterable, Comparable, Sendable {
    case plain, avx2, avxvnni, avx512, vnni, bf16, neon

    static func < (a: KernelLevel, b: KernelLevel) -> Bool { a.rawValue < b.rawValue }

    /// The name in `APUS_LEVEL`.
    var name: String { "\(self)" }

    /// The largest sum of two neighbouring int8 weights' sizes that its kernels multiply, or nil for any.
    var pairLimit: Int? {
        let limit = Int(apus_pair_limit(rawValue))
        return limit < 254 ? limit : nil
    }

    /// What this CPU can run.
    static let available = allCases.filter { apus_has_level($0.rawValue) != 0 }

    /// The best level, or the one that the environment variable `APUS_LEVEL` names; the variable is read once.
    /// - Throws: ``EncoderError/kernels(name:available:)``.
    static func current() throws(EncoderError) -> KernelLevel {
        if let refused = unsafe apus_refused_level() {
            throw unsafe .kernels(name: String(cString: refused), available: available.map(\.name))
        }
        return KernelLevel(rawValue: apus_level()) ?? .plain
    }
}

/// Which instruction set the kernels of this process run with: encoder, posting lists and checksums.
public enum InstructionSet {
    /// Its name: the one that the environment variable `APUS_LEVEL` says, otherwise the best of this CPU.
    /// - Throws: ``EncoderError/kernels(name:available:)``.
    public static var name: String { get throws(EncoderError) { try KernelLevel.current().name } }
}
