import Apus
import ArgumentParser

extension ModelChoice {
    /// A model as named on the command line.
    /// - Throws: `ValidationError`, which ends the command with exit code 2.
    static func argument(_ text: String, allowsNone: Bool = false) throws -> ModelChoice {
        do { return try parse(text, allowsNone: allowsNone) } catch { throw ValidationError(error.description) }
    }
}
