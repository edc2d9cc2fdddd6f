import Apus
import ApusReports
import ArgumentParser
import CorpusFormats
import Foundation
import LearnedEncoder

/// `apus encode`
struct EncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Turn texts into learned sparse vectors, one JSON object per line.",
        discussion: """
            Prints {"id", "vector": {term: weight}}, heaviest terms first, as Anserini's JsonVectorCollection and Seismic \
            read it. Input is a text on the command line, or --input with the formats of 'apus index'.
            """)

    @Argument(help: "A text.")
    var text: String?

    @Option(name: .shortAndLong, help: "A file or folder of documents; '-' for standard input.", completion: .file())
    var input: String?

    @Option(help: "Topics to encode as queries.", completion: .file())
    var topics: String?

    @Flag(help: "Encode the text as a query.")
    var query = false

    @Option(help: "The query side: siamese, inference-free or blended.")
    var querySide: QuerySide?

    @Option(help: "The model's folder, bundled or tiny.", completion: .directory)
    var model = "bundled"

    @Option(help: "Tokens that the encoder reads at once; without --passages the rest is cut.")
    var maxLength: Int?

    @OptionGroup var long: PassageFlags

    @Option(help: "Arithmetic: automatic (int8 for packed models, else f32), f32, bf16 or int8.")
    var precision = Precision.automatic

    @Option(help: "Print only the heaviest N terms.")
    var top: Int?

    @Option(name: .shortAndLong, help: "Threads.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "JSON lines are printed anyway; accepted for symmetry.")
    var json = false

    func validate() throws {
        guard [text, input, topics].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("Give one of: a text, --input, --topics.")
        }
        guard long.passages == nil || !(query || topics != nil) else {
            throw ValidationError("'--passages' splits documents, not queries.")
        }
        guard long.split?.aggregate != .best else {
            throw ValidationError(
                "One vector is written for each text, so passages cannot stay apart; '--unit passage' is for an index.")
        }
        _ = try ModelChoice.argument(model)
        guard threads > 0 else { throw ValidationError("'--threads' must be at least 1, not \(threads).") }
        guard top.map({ $0 > 0 }) ?? true else { throw ValidationError("'--top' must be at least 1, not \(top ?? 0).") }
    }

    func run() throws {
        let choice = try ModelChoice.argument(model)
        guard let encoder = try choice.load(maximumLength: maxLength, precision: precision) else { return }
        let side = querySide ?? encoder.description.defaultQuerySide
        if let text {
            var notes = Notes()
            if query {
                try printLine("text", try encode(query: text, encoder, side, &notes), encoder)
                notes.say(encoder, nil)
            } else {
                for vector in try encode([text], encoder, &notes) { try printLine("text", vector, encoder) }
                notes.say(encoder, long.split)
            }
        } else if let topics {
            var notes = Notes()
            for topic in try Topics.read(topics) {
                try printLine(topic.id, try encode(query: topic.text, encoder, side, &notes), encoder)
            }
            notes.say(encoder, nil)
        } else if let input {
            try encodeDocuments(input, encoder)
        }
    }

    /// What happened to texts longer than the encoder reads at once.
    private struct Notes {
        var truncated = 0
        var empty = 0
        var split = 0
        var passages = 0

        func say(_ encoder: SparseEncoder, _ passageSplit: PassageSplit?) {
            if empty > 0 {
                Terminal.note("note: \(Format.count(empty)) texts have no terms; their vectors are empty.")
            }
            if split > 0 {
                Terminal.note("note: \(texts(split)) split into \(Format.count(passages)) passages.")
            }
            guard truncated > 0 else { return }
            var end = "\(encoder.description.maximumLength) tokens"
            if let passageSplit {
                end =
                    passageSplit.aggregate == .first
                    ? "\(passageSplit.length) tokens" : "\(Format.count(PassageSplit.mostPassages)) passages"
            }
            Terminal.note("note: \(texts(truncated)) cut at \(end).")
        }

        private func texts(_ count: Int) -> String { "\(Format.count(count)) text\(count == 1 ? " was" : "s were")" }
    }

    private func encode(query: String, _ encoder: SparseEncoder, _ side: QuerySide, _ notes: inout Notes) throws
        -> SparseVector
    {
        let vector = try encoder.encodeQuery(query, side: side)
        notes.truncated += vector.isTruncated ? 1 : 0
        notes.empty += vector.terms.isEmpty ? 1 : 0
        return vector
    }

    private func encode(_ texts: [String], _ encoder: SparseEncoder, _ notes: inout Notes) throws -> [SparseVector] {
        let vectors =
            try long.split.map { try encoder.encodeDocuments(texts, passages: $0, threads: threads) ?? [] }
            ?? encoder.encodeDocuments(texts, threads: threads)
        for vector in vectors {
            notes.truncated += vector.isTruncated ? 1 : 0
            notes.empty += vector.terms.isEmpty ? 1 : 0
            guard vector.passages > 1 else { continue }
            notes.split += 1
            notes.passages += vector.passages
        }
        return vectors
    }

    private func encodeDocuments(_ path: String, _ encoder: SparseEncoder) throws {
        let reader = try CorpusReader(path: path)
        var notes = Notes()
        var batch: [CorpusDocument] = []
        func flush() throws {
            let texts = batch.map(\.content)
            for (document, vector) in zip(batch, try encode(texts, encoder, &notes)) {
                try printLine(document.id, vector, encoder)
            }
            batch.removeAll()
        }
        while let document = try reader.next() {
            batch.append(document)
            if batch.count == 256 { try flush() }
        }
        try flush()
        for note in reader.notes { Terminal.note("note: " + note) }
        notes.say(encoder, long.split)
    }

    private func printLine(_ id: String, _ vector: SparseVector, _ encoder: SparseEncoder) throws {
        try StandardOutput.print(VectorLine.text(id, vector, encoder.vocabulary, top: top))
    }
}
