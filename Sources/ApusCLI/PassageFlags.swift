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
            clipped) or first (the first passage alone).
            """)
    var aggregate: PassageSplit.Aggregate?

    /// The split asked for, if any.
    var split: PassageSplit? {
        passages.map { PassageSplit(length: $0, stride: stride, aggregate: aggregate ?? .max) }
    }

    func validate() throws {
        guard let passages else {
            guard stride == nil, aggregate == nil else {
                throw ValidationError("'--stride' and '--aggregate' need '--passages'.")
            }
            return
        }
        guard passages >= 8 else { throw ValidationError("'--passages' must be at least 8, not \(passages).") }
        guard stride.map({ (1...passages).contains($0) }) ?? true else {
            throw ValidationError("'--stride' must be between 1 and \(passages), the length of a passage.")
        }
    }
}
