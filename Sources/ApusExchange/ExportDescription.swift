import Apus
import InvertedIndex

/// The sentence that an export of Apus says of itself, for people, and for `apus import` to know what its numbers are.
enum ExportDescription {
    private static let text = "term frequencies"
    private static let learned = "learned impacts"

    /// - Parameter scale: Learned: impact per unit of weight.
    static func of(_ field: Field, _ settings: IndexSettings, scale: Float) -> String {
        let start = "Apus \(ApusVersion.number), "
        switch field {
        case .text: return start + "\(text), analyzer \(settings.analyzer.rawValue) \(settings.analyzerVersion)"
        case .learned:
            return start + "\(learned), scale \(scale) (weight = impact / scale), model \(settings.modelName)"
        }
    }

    /// The field that a description names; nil where it is not one of ours.
    static func field(in description: String) -> Field? {
        guard description.hasPrefix("Apus ") else { return nil }
        if description.contains(", \(text)") { return .text }
        return description.contains(", \(learned)") ? .learned : nil
    }
}
