import Apus
import CApus
import Glibc

/// Made once and kept, as the header promises.
private let version = Kept(ApusVersion.number)

@safe private final class Kept: Sendable {
    nonisolated(unsafe) let text: UnsafePointer<CChar>?
    init(_ text: String) { unsafe self.text = unsafe UnsafePointer(Call.text(text)) }
}

/// See `apus.h`.
@c @implementation
public func apus_version() -> UnsafePointer<CChar>? { unsafe version.text }

/// See `apus.h`.
@c @implementation
public func apus_string_free(_ text: UnsafeMutablePointer<CChar>?) { unsafe free(text) }
