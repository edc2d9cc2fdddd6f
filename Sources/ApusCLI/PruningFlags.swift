import Apus
import ArgumentParser

/// What `apus index` leaves out of each document's learned terms.
struct PruningFlags: ParsableArguments {
    @Option(help: "Keep only the N heaviest learned terms of each document; smaller and faster, not free.")
    var documentTerms: Int?

    @Option(help: "Keep a document's heaviest learned terms until they hold this share of the sum of its weights.")
    var documentMass: Double?

    @Option(help: "Drop learned terms lighter than this share of the document's heaviest one.")
    var documentRatio: Double?

    var rules: StaticPruning { StaticPruning(terms: documentTerms, mass: documentMass, ratio: documentRatio) }

    func validate() throws {
        guard documentTerms.map({ $0 > 0 }) ?? true else {
            throw ValidationError("'--document-terms' must be at least 1.")
        }
        for (name, share) in [("--document-mass", documentMass), ("--document-ratio", documentRatio)] {
            guard share.map({ $0 > 0 && $0 <= 1 }) ?? true else {
                throw ValidationError("'\(name)' must be above 0 and at most 1, not \(share ?? 0).")
            }
        }
    }
}
