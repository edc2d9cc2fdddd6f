public import ArgumentParser
public import LearnedEncoder

extension PassageSplit.Aggregate: ExpressibleByArgument {}

/// How long texts are encoded.
struct PassageFlags: ParsableArguments {
    @Option(help: "Split texts into passages of N tokens, special tokens included, instead of cutting them.")
    var passages: Int?

    @Option(help: "Tokens from the start of a passage to the next; without it passages do not overlap.")
    var stride: Int?

    @Option(
        help: """
            How passages become one vector: max (each term's largest weight), sum (of its weights; the heaviest may be \
            clipped), first (the first passage alone) or best (none: as --unit passage).
            """)
    var aggregate: PassageSplit.Aggregate?

    @Option(
        help: """
            What the learned field scores: document (the one vector that its passages become) or passage (each passage \
            by itself: a document scores what its best passage scores, and a search says which that is).
            """)
    var unit: Unit?

    /// What the learned field scores.
    enum Unit: String, ExpressibleByArgument, CaseIterable {
        case document, passage
    }

    /// The split asked for, if any.
    var split: PassageSplit? {
        passages.map {
            PassageSplit(length: $0, stride: stride, aggregate: unit == .passage ? .best : aggregate ?? .max)
        }
    }

    func validate() throws {
        guard let passages else {
            guard stride == nil, aggregate == nil, unit == nil else {
                throw ValidationError("'--stride', '--aggregate' and '--unit' need '--passages'.")
            }
            return
        }
        if let unit, let aggregate, (aggregate == .best) != (unit == .passage) {
            throw ValidationError(
                unit == .passage
                    ? "'--unit passage' leaves passages apart: there is nothing to '--aggregate'."
                    : "'--aggregate best' leaves passages apart, as '--unit passage' does.")
        }
        guard passages >= 8 else { throw ValidationError("'--passages' must be at least 8, not \(passages).") }
        guard stride.map({ (1...passages).contains($0) }) ?? true else {
            throw ValidationError("'--stride' must be between 1 and \(passages), the length of a passage.")
        }
    }
}
