import CApusKernels
import Glibc

/// An instruction set of the C kernels, each containing the ones before it.
enum KernelLevel: Int32, CaseIterable, Comparable, Sendable {
    case plain, avx2, avx512, vnni, bf16

    static func < (a: KernelLevel, b: KernelLevel) -> Bool { a.rawValue < b.rawValue }

    /// The name in `APUS_KERNELS`.
    var name: String { "\(self)" }

    /// The largest sum of two neighbouring int8 weights' sizes that its kernels multiply, or nil for any.
    var pairLimit: Int? {
        let limit = Int(apus_pair_limit(rawValue))
        return limit < 254 ? limit : nil
    }

    /// What this CPU can run.
    static let available = allCases.filter { $0.rawValue <= apus_encoder_level_of_cpu() }

    private static let chosen = getenv("APUS_KERNELS").map { String(cString: $0) }

    /// The best level, or the one that the environment variable `APUS_KERNELS` names; the variable is read once.
    /// - Throws: ``EncoderError/kernels(name:available:)``.
    static func current() throws(EncoderError) -> KernelLevel {
        guard let name = chosen, !name.isEmpty else { return available.last ?? .plain }
        guard let level = available.first(where: { $0.name == name }) else {
            throw .kernels(name: name, available: available.map(\.name))
        }
        return level
    }
}
