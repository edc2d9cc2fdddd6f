import Apus
import ApusExchange
import ApusTestSupport
import Foundation
import Testing

/// What another engine is given is what the index holds, with the right answers beside it; an export that was stopped goes on.
@Suite struct VectorExportTests {
    private func files(_ folder: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }) ?? [] {
            let path = folder + "/" + name
            var isFolder: ObjCBool = false
            _ = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            if !isFolder.boolValue { files[name] = try Data(contentsOf: URL(fileURLWithPath: path)) }
        }
        return files
    }

    private func lines(_ data: Data?) throws -> [[String: Any]] {
        try (data ?? Data()).split(separator: 0x0A).map {
            try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any] ?? [:]
        }
    }

    private struct Golden: Decodable {
        struct Term: Decodable { var term: String; var weight: Int }
        struct Hit: Decodable { var id: String; var score: Int }
        var id: String
        var terms: [Term]
        var hits: [Hit]
    }

    private func golden(_ files: [String: Data]) throws -> [Golden] {
        try (files["golden.jsonl"] ?? Data()).split(separator: 0x0A).map {
            try JSONDecoder().decode(Golden.self, from: Data($0))
        }
    }

    /// The members of a document's vector, by target.
    private func vector(_ document: [String: Any], _ target: VectorExport.Target, _ names: [String]) -> [String: Int] {
        func object(_ value: Any?) -> [String: Int] { (value as? [String: NSNumber])?.mapValues(\.intValue) ?? [:] }
        func numbered(_ value: Any?) -> [String: Int] {
            let pair = value as? [String: [NSNumber]] ?? [:]
            return Dictionary(
                uniqueKeysWithValues: zip(pair["indices"] ?? [], pair["values"] ?? []).map {
                    (names[$0.intValue], $1.intValue)
                })
        }
        switch target {
        case .milvus: return numbered(document["vector"])
        case .qdrant: return numbered((document["vector"] as? [String: Any])?["learned"])
        case .vespa: return object((document["fields"] as? [String: Any])?["vector"])
        case .openSearch, .elasticsearch:
            let vector = object(document["vector"])
            return Dictionary(uniqueKeysWithValues: vector.map { ($0.key.replacing("\u{2024}", with: "."), $0.value) })
        default: return object(document["vector"])
        }
    }

    @Test(arguments: [
        VectorExport.Target.anserini, .elasticsearch, .milvus, .openSearch, .qdrant, .seismic, .vespa,
    ])
    func documentsAreThoseOfTheIndex(target: VectorExport.Target) async throws {
        let small = try await SmallIndex()
        let out = small.folder + "/out"
        let report = try VectorExport(of: SearchIndex(small.path), for: target).write(to: out)
        #expect(report?.documents == small.lines.count && report?.goldenQueries == 20 && report?.answeredAlike == 20)
        let files = try files(out)
        let manifest = try JSONSerialization.jsonObject(with: files["manifest.json"] ?? Data()) as? [String: Any] ?? [:]
        let names = String(decoding: files["vocabulary.txt"] ?? Data(), as: UTF8.self).split(separator: "\n").map(
            String.init)
        var documents: [[String: Any]] = []
        for part in manifest["parts"] as? [String] ?? [] { documents += try lines(files[part]) }
        var found: [String: [String: Int]] = [:]
        var announced = ""
        for document in documents {
            if let action = document["index"] as? [String: String] {
                announced = action["_id"] ?? ""
                continue
            }
            let member = target == .qdrant ? document["payload"] : target == .vespa ? document["fields"] : document
            let shown = member as? [String: Any] ?? [:]
            let id = shown["id"] as? String ?? ""
            if target == .openSearch || target == .elasticsearch { #expect(id == announced) }
            found[id] = vector(document, target, names)
            let text = "text \(id.dropFirst()) \"x\""
            if target == .anserini || target == .seismic {
                #expect(shown[target == .anserini ? "contents" : "content"] as? String == text)
            } else {
                #expect(shown["text"] as? String == text)
                #expect(shown["metadata"] != nil)
            }
        }
        #expect(found == Dictionary(uniqueKeysWithValues: small.lines.map { ($0.id, $0.vector) }))
        #expect(manifest["postings"] as? Int == small.lines.reduce(0) { $0 + $1.vector.count })
        try check(try golden(files), small)
    }

    /// Each answer is what adding up every document says.
    private func check(_ golden: [Golden], _ small: SmallIndex) throws {
        for query in golden {
            var scores: [(id: String, score: Int)] = []
            for line in small.lines {
                let score = query.terms.reduce(0) { $0 + $1.weight * (line.vector[$1.term] ?? 0) }
                if score > 0 { scores.append((line.id, score)) }
            }
            scores.sort { $0.score != $1.score ? $0.score > $1.score : $0.id > $1.id }
            #expect(query.hits.map(\.id) == scores.prefix(10).map(\.id))
            #expect(query.hits.map(\.score) == scores.prefix(10).map(\.score))
        }
    }

    /// Read back by the reader of matrices, whose expected values are scipy's.
    @Test func aMatrixComesBackAsItWas() async throws {
        let small = try await SmallIndex()
        let out = small.folder + "/out"
        _ = try VectorExport(of: SearchIndex(small.path), for: .npz).write(to: out)
        let reader = try VectorReader(
            path: out + "/vectors.npz", vocabulary: VectorVocabulary(path: out + "/vocabulary.txt"),
            ids: IDList.read(out + "/ids.txt"))
        var found: [String: [String: Int]] = [:]
        while let vector = try reader.next() {
            found[vector.id] = Dictionary(uniqueKeysWithValues: vector.weights.map { ($0.term, Int($0.weight)) })
        }
        #expect(found == Dictionary(uniqueKeysWithValues: small.lines.map { ($0.id, $0.vector) }))
    }

    /// PISA's files, read as its documentation describes them.
    @Test func pisaGetsListsInOrder() async throws {
        let small = try await SmallIndex()
        let out = small.folder + "/out"
        _ = try VectorExport(of: SearchIndex(small.path), for: .pisa).write(to: out)
        let files = try files(out)
        func numbers(_ name: String) -> [UInt32] {
            let bytes = [UInt8](files[name] ?? Data())
            return stride(from: 0, to: bytes.count, by: 4).map { at in
                (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) }
            }
        }
        func names(_ name: String) -> [String] {
            String(decoding: files[name] ?? Data(), as: UTF8.self).split(separator: "\n").map(String.init)
        }
        let (docs, freqs, ids) = (numbers("inv.docs"), numbers("inv.freqs"), names("fwd.documents"))
        #expect(docs.prefix(2) == [1, UInt32(ids.count)] && numbers("inv.sizes").count == ids.count + 1)
        var (place, at, found): (Int, Int, [String: [String: Int]]) = (2, 0, [:])
        for term in names("fwd.terms") {
            let count = Int(docs[place])
            for index in 1...count { found[ids[Int(docs[place + index])], default: [:]][term] = Int(freqs[at + index]) }
            (place, at) = (place + count + 1, at + count + 1)
        }
        #expect(place == docs.count && at == freqs.count)
        #expect(
            found
                == Dictionary(
                    uniqueKeysWithValues: small.lines.filter { !$0.vector.isEmpty }.map { ($0.id, $0.vector) }))
    }

    @Test func whatWasStoppedGoesOn() async throws {
        let small = try await SmallIndex(documents: 60)
        let out = small.folder + "/out"
        var task = VectorExport(of: try SearchIndex(small.path), for: .seismic)
        task.documentsPerFile = 10
        var parts = 0
        let stopped = try task.write(
            to: out,
            isCancelled: {
                parts += 1; return parts == 2
            })
        #expect(stopped == nil && !FileManager.default.fileExists(atPath: out + "/manifest.json"))
        let before = try files(out)
        #expect(before.count == 3)
        let report = try task.write(to: out)
        #expect(report?.kept == 2 && report?.parts == 6)
        let after = try files(out)
        let whole = small.folder + "/whole"
        _ = try task.write(to: whole)
        #expect(try files(whole) == after)
        // A file that is gone is written again, and the others stay.
        try FileManager.default.removeItem(atPath: out + "/documents-00003.jsonl")
        #expect(try task.write(to: out)?.kept == 5)
        #expect(try files(out) == after)
    }

    @Test func anotherExportIsNotMixedIn() async throws {
        let small = try await SmallIndex(documents: 20)
        let out = small.folder + "/out"
        _ = try VectorExport(of: SearchIndex(small.path), for: .seismic).write(to: out)
        func refusal(_ target: VectorExport.Target, _ folder: String) -> String {
            do {
                _ = try VectorExport(of: SearchIndex(small.path), for: target).write(to: folder)
                return ""
            } catch { return "\(error)" }
        }
        #expect(refusal(.seismic, out) == "")
        #expect(refusal(.milvus, out).contains("an export of another index, commit or receiver"))
        #expect(refusal(.seismic, small.folder).contains("holds other files"))
        _ = try await DocumentDeletion(of: ["d9"]).run(small.path)
        #expect(refusal(.seismic, out).contains("an export of another index, commit or receiver"))
    }

    @Test func whatAReceiverCannotTakeIsSaid() async throws {
        let folder = try TestPaths.temporaryDirectory()
        let id = String(repeating: "x", count: 600)
        try "{\"id\":\"\(id)\",\"vector\":{\"a b\":1}}\n".write(
            toFile: folder + "/v.jsonl", atomically: true, encoding: .utf8)
        var builder = IndexBuilder(directory: folder + "/index")
        builder.importsVectors = true
        _ = try await builder.build(from: [folder + "/v.jsonl"])
        let index = try SearchIndex(folder + "/index")
        for (target, says) in [(VectorExport.Target.openSearch, "512 bytes"), (.anserini, "white space")] {
            let error = #expect(throws: ExchangeError.self) {
                try VectorExport(of: index, for: target).write(to: folder + "/\(target)")
            }
            #expect("\(error.map { "\($0)" } ?? "")".contains(says))
        }
    }
}
