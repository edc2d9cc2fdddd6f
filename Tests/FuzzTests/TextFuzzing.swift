import CorpusFormats
import Glibc
import RetrievalEvaluation
import TextAnalysis

/// Reads corpora, topics, judgements, runs and vectors out of an input, and analyses texts.
enum TextFuzzing {
    /// A file that the readers open again and again; in memory where the system has such a folder.
    private static let path = "/dev/shm/apus-fuzz-\(getpid())"

    static func run(_ input: [UInt8]) -> Bool {
        guard let letter = input.first else { return false }
        let bytes = [UInt8](input.dropFirst())
        if letter == UInt8(ascii: "a") { return analyze(bytes) }
        // A file of a folder is read as its name says.
        let endings: [UInt8: String] = [
            UInt8(ascii: "h"): ".html", UInt8(ascii: "k"): ".md", UInt8(ascii: "x"): ".rst", UInt8(ascii: "e"): ".eml",
        ]
        let path = path + (endings[letter] ?? "")
        guard write(bytes, to: path) else { return false }
        defer { unsafe unlink(path) }
        func read(_ format: CorpusFormat?) -> Bool { Self.read(format, path) }
        return switch letter {
        case UInt8(ascii: "b"): read(.beir)
        case UInt8(ascii: "c"): read(nil)
        case UInt8(ascii: "f"), UInt8(ascii: "h"), UInt8(ascii: "k"), UInt8(ascii: "x"), UInt8(ascii: "e"):
            read(.folder)
        case UInt8(ascii: "j"): read(.jsonl)
        case UInt8(ascii: "m"): read(.tsv)
        case UInt8(ascii: "q"): (try? QrelsFile.read(path)).map { sound(!$0.qrels.grades.isEmpty) } ?? false
        case UInt8(ascii: "r"): (try? RunFile.read(path)) != nil
        case UInt8(ascii: "s"): read(.trec)
        case UInt8(ascii: "t"):
            (try? Topics.read(path)).map { sound(!$0.isEmpty && $0.allSatisfy { isID($0.id) }) } ?? false
        case UInt8(ascii: "v"): readVectors(path)
        default: false
        }
    }

    static func write(_ bytes: [UInt8], to path: String) -> Bool {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) } == bytes.count
    }

    private static func read(_ format: CorpusFormat?, _ path: String) -> Bool {
        do {
            let reader = try CorpusReader(path: path, format: format)
            while let document = try reader.next() {
                precondition(isID(document.id), "ids fit into a run")
                analyze(document.title + " " + document.text)
            }
            return sound(reader.documentCount > 0)
        } catch { return false }
    }

    static func readVectors(_ path: String, _ vocabulary: VectorVocabulary? = nil, ids: [String]? = nil) -> Bool {
        do {
            let reader = try VectorReader(path: path, vocabulary: vocabulary, ids: ids)
            var count = 0
            while let vector = try reader.next() {
                count += 1
                precondition(isID(vector.id), "ids fit into a run")
                precondition(vector.weights.allSatisfy { $0.weight >= 0 && $0.weight.isFinite }, "weights are weights")
            }
            return sound(count > 0)
        } catch { return false }
    }

    /// A file that was read without an error is a file of something.
    private static func sound(_ isSomething: Bool) -> Bool {
        precondition(isSomething, "nothing is an error")
        return true
    }

    static func isID(_ id: String) -> Bool {
        !id.isEmpty && !id.unicodeScalars.contains { $0.value < 0x20 || $0.properties.isWhitespace }
    }

    /// Every analyzer and a tokenizer over bytes that need not be UTF-8.
    private static func analyze(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        analyze(text)
        for tokenizer in tokenizers { _ = tokenizer.encode(text, maximumLength: nil, addingSpecialTokens: true) }
        return true
    }

    private static func analyze(_ text: String) {
        for name in Analyzer.Name.allCases {
            var terms = TermBuffer()
            Analyzer(name).analyze(text, into: &terms)
            precondition(terms.count == terms.strings.count && !terms.strings.contains(""), "terms are not empty")
        }
    }

    /// A WordPiece tokenizer with every switch on, and one with none.
    private static let tokenizers: [WordPieceTokenizer] = {
        let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##a", "cat", "é", "東", "##s", "ss", "i̇"]
        return [true, false].compactMap {
            try? WordPieceTokenizer(vocabulary: tokens, lowercase: $0, stripAccents: $0, handleChineseCharacters: $0)
        }
    }()
}
