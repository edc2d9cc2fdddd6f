import Apus
import ApusReports
import ArgumentParser
import CorpusFormats
import LearnedEncoder

/// `apus model`
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Look at an encoder, check its vectors, pack it, adapt it to a collection.",
        subcommands: [
            ModelInspectCommand.self, ModelCheckCommand.self, ModelPackCommand.self, ModelAdaptCommand.self,
        ])

    /// The files of a folder or of the model inside the binary.
    static func files(_ argument: String) throws -> ModelFiles {
        guard let files = try ModelChoice.argument(argument).files() else { throw ApusError.noBundledModel }
        return files
    }
}

/// `apus model inspect`
struct ModelInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Print what was understood of a model, and what was not.",
        discussion: """
            An architecture, pooling, activation, tokenizer part or tokenizer setting that Apus does not know is refused by name. \
            Listed as not understood are tensors that nothing reads, settings of the model's files that Apus does not know, and \
            those that it does not follow, with the reason. Prompts are put before every text and are part of the model's identity.
            """)

    @Argument(help: "The model's folder, bundled or tiny.", completion: .directory)
    var folder: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let files = try ModelCommand.files(folder)
        let found = try SparseEncoder(files).inspect(files)
        if json {
            try StandardOutput.print(AnswerJSON.text(found))
            return
        }
        try StandardOutput.print(ModelTable.text(found))
    }
}

/// `apus model check`
struct ModelCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Compare a model's vectors with stored ones.",
        discussion: """
            The reference is JSON lines, {"id", "contents", "vector": {term: weight}}, as 'apus encode' and Anserini write \
            them, with the text as "contents" or "text". Terms are tokens, or with --term-ids the numbers of terms.
            Exit code 1 when a weight differs by more than the tolerance.
            """)

    @Argument(help: "The model's folder, bundled or tiny.", completion: .directory)
    var folder: String

    @Option(help: "The stored vectors, JSON lines; '-' for standard input.", completion: .file())
    var reference: String

    @Option(help: "The largest difference of a weight that passes.")
    var tolerance = 0.001

    @Flag(help: "The reference writes terms as ids, not as tokens.")
    var termIds = false

    @Option(help: "The texts are queries: siamese, inference-free or blended.")
    var querySide: QuerySide?

    @Option(help: "Tokens that the encoder reads; the rest is cut.")
    var maxLength: Int?

    @Option(help: "Arithmetic: automatic (int8 for packed models, else f32), f32, bf16 or int8.")
    var precision = Precision.f32

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard tolerance >= 0, tolerance.isFinite else { throw ValidationError("'--tolerance' must be at least 0.") }
    }

    func run() throws {
        let encoder = try SparseEncoder(
            ModelCommand.files(folder), maximumLength: maxLength, precision: precision)
        let result = try compare(encoder)
        let hasPassed = result.texts > 0 && result.maximumDifference <= tolerance
        if json {
            try StandardOutput.print(AnswerJSON.text(result))
        } else {
            try StandardOutput.print(ModelTable.text(result, encoder.description.name))
        }
        guard !hasPassed else { return }
        Terminal.note(
            result.texts == 0
                ? "apus: '\(reference)' has no vector to compare with."
                : "apus: a weight differs by \(Format.decimals(result.maximumDifference, 6)), "
                    + "more than the tolerance of \(tolerance).")
        throw ExitCode(1)
    }

    private func compare(_ encoder: SparseEncoder) throws -> ReferenceComparison {
        // Bytes, because vocabularies tell canonically equal tokens apart, which String does not.
        var ids: [[UInt8]: UInt32] = [:]
        for (id, token) in encoder.vocabulary.enumerated() { ids[Array((termIds ? "\(id)" : token).utf8)] = UInt32(id) }
        var result = ReferenceComparison()
        let reader = try VectorReader(path: reference)
        while let stored = try reader.next() {
            guard let text = stored.contents else {
                throw FormatError.missingMember(path: reference, line: stored.line, names: ["contents", "text"])
            }
            let found =
                if let querySide {
                    try encoder.encodeQuery(text, side: querySide)
                } else {
                    try encoder.encodeDocuments([text], threads: 1)[0]
                }
            result.add(
                found, reference: stored.weights.map { (ids[Array($0.term.utf8)], $0.weight) }, line: stored.line)
        }
        return result
    }
}
