import Foundation

/// The seeds of random histories: `APUS_HISTORIES` asks for more of them, `APUS_HISTORY` for one.
public enum RandomHistories {
    /// The seeds of one of `groups` groups that run side by side.
    public static func seeds(_ usual: Int, group: Int, of groups: Int) -> [UInt64] {
        let environment = ProcessInfo.processInfo.environment
        if let only = environment["APUS_HISTORY"].flatMap(UInt64.init) { return group == 0 ? [only] : [] }
        let count = environment["APUS_HISTORIES"].flatMap(Int.init) ?? usual
        return (0..<count / groups).map { UInt64(group * 1_000_003 + $0) }
    }
}
