import Foundation

/// Where tests find their files.
public enum TestPaths {
    /// The package root.
    public static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// `Tests/Fixtures`.
    public static var fixtures: String { root + "/Tests/Fixtures" }

    /// The shared collections beside the checkout, or nil where they are missing; tests that need them then skip.
    public static func collection(_ name: String) -> String? { existing(root + "/../shared/collections/" + name) }

    /// A shared model folder beside the checkout, or nil where it is missing.
    public static func model(_ name: String) -> String? { existing(root + "/../shared/models/" + name) }

    /// Whether tests try every byte instead of a sample, as Scripts/attack does.
    public static var isLong: Bool { ProcessInfo.processInfo.environment["APUS_ATTACK"] == "long" }

    /// A fresh, empty directory that belongs to the caller; it goes when the process ends.
    public static func temporaryDirectory() throws -> String {
        let path = ofThisProcess + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    private static let ofThisProcess: String = {
        atexit { try? FileManager.default.removeItem(atPath: TestPaths.ofThisProcess) }
        return FileManager.default.temporaryDirectory.path + "/apus-test-" + UUID().uuidString
    }()

    private static func existing(_ path: String) -> String? {
        FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
