import InvertedIndex
import Testing

/// Lets the window traversal take 1,024 documents at a time, so that small indexes have several windows.
struct SmallWindows: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void)
        async throws
    {
        try await WindowTraversal.$window.withValue(1024) { try await function() }
    }
}

extension Trait where Self == SmallWindows {
    static var smallWindows: Self { SmallWindows() }
}
