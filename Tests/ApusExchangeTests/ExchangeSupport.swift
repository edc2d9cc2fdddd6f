import Apus
import ApusTestSupport
import CIFF
import Foundation

/// A small index of vectors with texts, over several segments and with documents deleted.
struct SmallIndex {
    let folder: String
    var path: String { folder + "/index" }
    /// What lives: id, vector, title and text.
    let lines: [(id: String, vector: [String: Int], text: String)]

    /// - Parameter deletes: Whether every seventh document goes again.
    init(documents: Int = 60, deletes: Bool = true, seed: UInt64 = 3) async throws {
        folder = try TestPaths.temporaryDirectory()
        var random = SplitMix64(seed: seed)
        let terms = (0..<30).map { "t\($0)" } + ["a.b", "\"quoted\"", "é"]
        var lines: [(id: String, vector: [String: Int], text: String)] = []
        for number in 0..<documents {
            var vector: [String: Int] = [:]
            if number != 5 {
                for term in terms where Int.random(in: 0..<4, using: &random) == 0 {
                    vector[term] = Int.random(in: 1...255, using: &random)
                }
            }
            lines.append(("d\(number)", vector, "text \(number) \"x\""))
        }
        for (part, range) in [0..<documents / 2, documents / 2..<documents].enumerated() {
            let input = folder + "/in-\(part).jsonl"
            let text = lines[range].map { line in
                let vector = line.vector.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\($0.value)" }
                return "{\"id\":\"\(line.id)\",\"contents\":\(Self.quoted(line.text)),\"year\":\(line.id.dropFirst()),"
                    + "\"vector\":{\(vector.joined(separator: ","))}}\n"
            }
            try text.joined().write(toFile: input, atomically: true, encoding: .utf8)
            var builder = IndexBuilder(directory: folder + "/index")
            (builder.importsVectors, builder.existing) = (true, part == 0 ? .refuse : .append)
            _ = try await builder.build(from: [input])
        }
        if deletes {
            let gone = stride(from: 0, to: documents, by: 7).map { "d\($0)" }
            _ = try await DocumentDeletion(of: gone).run(folder + "/index")
            lines.removeAll { gone.contains($0.id) }
        }
        self.lines = lines
    }

    private static func quoted(_ text: String) -> String { JSONText.quoted(text) }
}

/// A CIFF file by ids: term → id → value.
func postings(_ path: String) throws -> (lists: [String: [String: UInt32]], lengths: [String: Int]) {
    let reader = try CIFFReader(path: path)
    var (list, lists): (CIFFList, [(String, [UInt32], [UInt32])]) = (CIFFList(), [])
    while try reader.nextList(&list) {
        lists.append((String(decoding: list.term, as: UTF8.self), list.docids, list.values))
    }
    var (ids, lengths): ([String], [String: Int]) = ([], [:])
    while let document = try reader.nextDocument() {
        ids.append(document.id)
        lengths[document.id] = document.length
    }
    var found: [String: [String: UInt32]] = [:]
    for (term, docids, values) in lists {
        found[term] = Dictionary(uniqueKeysWithValues: zip(docids.map { ids[Int($0)] }, values))
    }
    return (found, lengths)
}
