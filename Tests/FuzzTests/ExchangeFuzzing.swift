import CIFF
import CorpusFormats
import Glibc

/// Reads what other engines and tools write: CIFF, matrices and MessagePack of vectors, vocabularies, a shard's lists.
enum ExchangeFuzzing {
    private static let path = "/dev/shm/apus-fuzz-exchange-\(getpid())"

    static func run(_ input: [UInt8]) -> Bool {
        guard let letter = input.first, TextFuzzing.write([UInt8](input.dropFirst()), to: path) else { return false }
        defer { unsafe unlink(path) }
        return switch letter {
        case UInt8(ascii: "c"): readLists()
        case UInt8(ascii: "l"): rewritten()
        case UInt8(ascii: "m"): TextFuzzing.readVectors(path)
        case UInt8(ascii: "n"): TextFuzzing.readVectors(path, VectorVocabulary(["cat", "mat"]), ids: ["a", "b", "c"])
        case UInt8(ascii: "w"): (try? VectorVocabulary(path: path)) != nil
        default: false
        }
    }

    /// What a reader of CIFF passes on ascends and stays within its header's numbers.
    private static func readLists() -> Bool {
        do {
            let reader = try CIFFReader(path: path)
            var list = CIFFList()
            while try reader.nextList(&list) {
                precondition(list.docids.count == list.values.count && !list.docids.isEmpty, "a value for each docid")
                precondition(zip(list.docids, list.docids.dropFirst()).allSatisfy(<), "docids ascend")
                precondition(list.docids.last.map { Int($0) < reader.header.documents } ?? true, "docids are documents")
            }
            while let document = try reader.nextDocument() {
                precondition(TextFuzzing.isID(document.id) && document.length >= 0, "ids fit into a run")
            }
            return true
        } catch { return false }
    }

    /// A file of lists that can be read can be written, and is then read as the same.
    private static func rewritten() -> Bool {
        guard let file = try? ListFile(path: path) else { return false }
        let topics = Set(file.lists.keys.map(\.topic)).sorted()
        guard (try? file.write(to: path, topics: topics)) != nil else { return false }
        precondition((try? ListFile(path: path))?.lists == file.lists, "what is written is read")
        return true
    }
}
