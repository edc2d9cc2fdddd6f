import InvertedIndex

/// Whether indexes can be one: made by the same analyzer, model and weighting, so that scores of one mean the same in another.
struct IndexAgreement {
    /// What must be the same, by name; where a model's files lie is no part of it.
    let settings: [String: String]

    private static let meanNorm = "mean-norm"

    /// - Throws: ``ApusError/unknownSetting(index:name:value:)``.
    init(_ snapshot: IndexSnapshot, directory: String) throws {
        let known = try IndexSettings(of: snapshot, directory: directory)
        var metadata = known.metadata
        // Where one of the two is not the usual one, both are stored.
        metadata[IndexSettings.Key.k1] = "\(known.bm25.k1)"
        metadata[IndexSettings.Key.b] = "\(known.bm25.b)"
        metadata[IndexSettings.Key.titleBoost] = known.titleBoost.formatted
        metadata[IndexSettings.Key.titleWeight] = "\(known.titleWeight)"
        metadata[IndexSettings.Key.complete] = nil
        if metadata[IndexSettings.Key.modelIdentity] ?? "" != "" { metadata[IndexSettings.Key.model] = nil }
        metadata["fields"] = snapshot.fields.map(\.rawValue).joined(separator: ",")
        metadata["profile"] = snapshot.profile.rawValue
        metadata["norm-power"] = (snapshot.norms?.power ?? 0).formatted
        metadata[Self.meanNorm] = snapshot.norms?.mean.map { "\($0)" }
        metadata["store-vectors"] = "\(snapshot.storesVectors)"
        settings = metadata
    }

    /// Refuses indexes that differ.
    /// - Throws: ``ApusError/unlikeIndexes(first:second:name:firstValue:secondValue:)`` for the first two that do.
    static func check(_ parts: [(directory: String, snapshot: IndexSnapshot)]) throws {
        let agreements = try parts.map { try IndexAgreement($0.snapshot, directory: $0.directory) }
        guard let first = agreements.first else { return }
        for (place, other) in agreements.enumerated().dropFirst() {
            let (own, known) = (first.settings, other.settings)
            for name in Set(own.keys).union(known.keys).sorted() where own[name] != known[name] {
                // Before there is a vector there is no mean, and nothing that one could contradict.
                if name == meanNorm, own[name] == nil || known[name] == nil { continue }
                throw ApusError.unlikeIndexes(
                    first: parts[0].directory, second: parts[place].directory, name: name,
                    firstValue: own[name] ?? "none", secondValue: known[name] ?? "none")
            }
        }
    }
}
