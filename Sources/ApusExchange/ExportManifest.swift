import Apus
import InvertedIndex

/// What an export says of itself: `manifest.json`, written last, when everything else is whole.
struct ExportManifest: Codable {
    struct Model: Codable {
        /// The encoder's name, and the hash of its weights and settings.
        var name: String
        var identity: String
    }

    struct Names: Codable {
        /// How they are told: `names` as they are, or `numbers`, counted from 0.
        var spelling: String
        /// The file with the name of each number on a line.
        var file: String?
        /// Characters that the receiver does not take, and what stands in their place.
        var replaced: [String: String]?
    }

    var apus = ApusVersion.number
    var receiver: String
    /// The commit.
    var commit: Int
    var documents: Int
    var terms: Int
    var postings: Int
    var model: Model
    /// Impact per unit of weight.
    var scale: Float
    var rounding = "impact = round(weight × scale), 1…255; weight = impact / scale"
    /// Whether segments had other scales, so that impacts were rounded a second time.
    var isRescaled: Bool
    /// Weights below half an impact, and above the largest, when documents were indexed.
    var droppedWeights: Int
    var clippedWeights: Int
    /// What a query's weights are multiplied with here: the idf in the index to this power. It is in the golden queries already.
    var idfPower: Double
    var documentIDs: Names
    var termNames: Names
    /// Files with documents, in order.
    var parts: [String]
    var golden = "golden.jsonl"
    var goldenQueries: Int
}
