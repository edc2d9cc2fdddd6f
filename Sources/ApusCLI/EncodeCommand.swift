import Apus
import ArgumentParser
import CorpusFormats
import Foundation
import SparseEncoder

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

    @Option(help: "The query side: siamese or inference-free.")
    var querySide: QuerySide?

    @Option(help: "The model's folder, or bundled.", completion: .directory)
    var model = "bundled"

    @Option(help: "Tokens that the encoder reads; the rest is cut.")
    var maxLength: Int?

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
        guard model != "none" else { throw ValidationError("Encoding needs a model.") }
        guard threads > 0 else { throw ValidationError("'--threads' must be at least 1, not \(threads).") }
        guard top.map({ $0 > 0 }) ?? true else { throw ValidationError("'--top' must be at least 1.") }
    }

    func run() throws {
        guard let encoder = try ModelChoice(model).load(maximumLength: maxLength, precision: precision) else { return }
        let side = querySide ?? encoder.description.defaultQuerySide
        if let text {
            let vector =
                try query ? encoder.encodeQuery(text, side: side) : encoder.encodeDocuments([text], threads: 1)[0]
            try printLine("text", vector, encoder)
        } else if let topics {
            for topic in try Topics.read(topics) {
                try printLine(topic.id, encoder.encodeQuery(topic.text, side: side), encoder)
            }
        } else if let input {
            try encodeDocuments(input, encoder)
        }
    }

    private func encodeDocuments(_ path: String, _ encoder: SparseEncoder) throws {
        let reader = try CorpusReader(path: path)
        var (truncated, empty) = (0, 0)
        var batch: [CorpusDocument] = []
        func flush() throws {
            let texts = batch.map { $0.title.isEmpty ? $0.text : $0.title + " " + $0.text }
            for (document, vector) in zip(batch, try encoder.encodeDocuments(texts, threads: threads)) {
                truncated += vector.isTruncated ? 1 : 0
                empty += vector.terms.isEmpty ? 1 : 0
                try printLine(document.id, vector, encoder)
            }
            batch.removeAll()
        }
        while let document = try reader.next() {
            batch.append(document)
            if batch.count == 256 { try flush() }
        }
        try flush()
        if empty > 0 { Terminal.note("note: \(Format.count(empty)) texts have no terms; their vectors are empty.") }
        if truncated > 0 {
            Terminal.note(
                "note: \(Format.count(truncated)) texts were cut at \(encoder.description.maximumLength) tokens.")
        }
    }

    /// Members in order of weight, which JSONEncoder cannot promise; so the line is put together here.
    private func printLine(_ id: String, _ vector: SparseVector, _ encoder: SparseEncoder) throws {
        let vocabulary = encoder.vocabulary
        let order = vector.terms.indices.sorted {
            (vector.weights[$0], vector.terms[$1]) > (vector.weights[$1], vector.terms[$0])
        }
        let members = try order.prefix(top ?? order.count).map { index in
            try Format.json(vocabulary[Int(vector.terms[index])], pretty: false) + ": " + "\(vector.weights[index])"
        }
        print("{\"id\": \(try Format.json(id, pretty: false)), \"vector\": {\(members.joined(separator: ", "))}}")
    }
}
