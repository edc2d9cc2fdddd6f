import Apus
import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

/// Indexes whose passages stay apart are joined, copied, merged and upgraded like any other: afterwards they answer as one that was built of
/// all documents at once, passage for passage.
@Suite struct PassageChangeTests {
    private static let queries = ["cat water light", "dog", "stone river heart mat"]

    /// What an index answers: ids, scores and passages of every mode that has any.
    private func answers(_ index: String) throws -> [String] {
        let opened = try SearchIndex(index)
        try opened.verify()
        #expect(opened.snapshot.hasPassages)
        #expect(try opened.deepCheck().isEmpty)
        var told: [String] = []
        for text in Self.queries {
            for mode in [SearchMode.splade, .hybrid, .fused] {
                var options = SearchOptions()
                (options.mode, options.hits, options.verify) = (mode, 60, true)
                for document in try opened.withTexts(opened.search(text, options)).documents {
                    let passage = document.passage.map { "\($0.number) of \($0.of): \($0.text ?? "-")" } ?? "whole"
                    told.append("\(text) \(mode) \(document.rank) \(document.id) \(document.score) \(passage)")
                }
            }
        }
        #expect(told.contains { $0.contains(" of ") })
        return told
    }

    @Test func joinedOrMergedTheyAnswerAsOne() async throws {
        let collection = try PassageCollection()
        defer { collection.remove() }
        let all = PassageCollection.texts(60, seed: 11)
        let path = { (name: String) in collection.directory + "/" + name }
        try await collection.build(all, at: path("whole"))
        try await collection.build(Array(all[..<25]), at: path("a"))
        try await collection.build(Array(all[25..<40]), at: path("b"))
        try await collection.build(Array(all[40...]), at: path("b"), .append)
        let expected = try answers(path("whole"))
        let joined = try await IndexJoining().run([path("a"), path("b")], to: path("joined"))
        #expect(joined.documents == 60 && joined.segments > 1)
        #expect(try answers(path("joined")) == expected)
        var joining = IndexJoining()
        (joining.copies, joining.most) = (true, 1)
        #expect(try await joining.run([path("b"), path("a")], to: path("one")).segments == 1)
        #expect(try answers(path("one")) == expected)
        #expect(try await SegmentJoining(to: 1).run(path("joined")).segments == 1)
        #expect(try answers(path("joined")) == expected)
        // It goes on like any other: a document that is replaced brings its new passages, one that is deleted takes its own along.
        let long = Array(repeating: "light dog", count: 12).joined(separator: " ")
        try await collection.build([("more", long)], at: path("whole"), .append)
        try await collection.build([("more", long)], at: path("joined"), .append)
        for name in ["whole", "joined"] {
            _ = try await DocumentDeletion(of: ["d3", "d30"]).run(path(name))
            _ = try await SegmentJoining(to: 1).run(path(name))
        }
        let changed = try answers(path("joined"))
        #expect(try changed == answers(path("whole")) && changed != expected)
    }

    @Test func partsThatSplitOtherwiseAreRefused() async throws {
        let collection = try PassageCollection()
        defer { collection.remove() }
        let (a, b) = (collection.directory + "/a", collection.directory + "/b")
        try await collection.build([("x", "cat mat water")], at: a)
        var builder = IndexBuilder(directory: b)
        builder.model = .folder(TestPaths.fixtures + "/LearnedEncoder/bert-max")
        builder.learnedScale = 40
        let corpus = collection.directory + "/other.jsonl"
        try #"{"_id": "y", "text": "dog stone"}"#.write(toFile: corpus, atomically: true, encoding: .utf8)
        _ = try await builder.build(from: [corpus])
        let error = await #expect(throws: ApusError.self) {
            try await IndexJoining().run([a, b], to: collection.directory + "/joined")
        }
        guard case .unlikeIndexes(_, _, let name, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(["learned.aggregate", "learned.passages", "learned.stride"].contains(name))
    }

    @Test(arguments: [false, true])
    func aBackupAnswersAsItsIndexDid(copies: Bool) async throws {
        let collection = try PassageCollection()
        defer { collection.remove() }
        let (index, backup) = (collection.directory + "/index", collection.directory + "/backup")
        let all = PassageCollection.texts(40, seed: 3)
        try await collection.build(Array(all[..<30]), at: index)
        try await collection.build(Array(all[30...]), at: index, .append)
        let expected = try answers(index)
        _ = try IndexSnapshot.open(index).backup(to: backup, copies: copies)
        // What becomes of the index is nothing to it.
        _ = try await DocumentDeletion(of: all[..<20].map(\.id)).run(index)
        _ = try await SegmentJoining(to: 1).run(index)
        #expect(try answers(backup) == expected)
        // And it takes documents as the index would.
        try await collection.build([("more", "cat cat cat cat cat cat cat cat cat cat river")], at: backup, .append)
        let opened = try SearchIndex(backup)
        let more = try #require(try opened.documents.documents(["more"]).first?.value)
        #expect(try opened.passages(of: more).count == 3)
        #expect(try opened.deepCheck().isEmpty)
    }

    @Test func anUpgradeLeavesThemAsTheyAre() async throws {
        let collection = try PassageCollection()
        defer { collection.remove() }
        let index = collection.directory + "/index"
        try await collection.build(PassageCollection.texts(20, seed: 9), at: index)
        let (before, files) = (try answers(index), try FileManager.default.contentsOfDirectory(atPath: index).sorted())
        // Passages came with this format: there are none to convert.
        #expect(try IndexUpgrade.run(index) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: index).sorted() == files)
        #expect(try answers(index) == before)
    }

    @Test func whatAnotherPassageHoldsIsNotMissing() async throws {
        let collection = try PassageCollection()
        defer { collection.remove() }
        let index = collection.directory + "/index"
        let filler = Array(repeating: "stone mat", count: 10).joined(separator: " ")
        try await collection.build(
            [("long", "dog dog dog \(filler) river water light"), ("other", "heart of stone")], at: index)
        let opened = try SearchIndex(index)
        let encoder = try #require(try opened.encoder())
        let split = try encoder.checked(PassageCollection.split)
        let content = try #require(try opened.documents.documents(["long"]).first?.value)
        let passages = try opened.passages(of: content)
        let vector = try #require(
            try encoder.encodeDocuments([content.content], passages: split, threads: 1)
        ).first
        let parts = try #require(vector?.parts)
        #expect(passages.count == parts.count && passages.allSatisfy { content.content.contains($0.text ?? "-") })
        // A term that one passage alone holds and that decides, one that others alone hold, and one that none does.
        let vocabulary = encoder.vocabulary
        let held = parts.map { Set($0.terms) }
        let heavy = parts.map { part in Set(zip(part.terms, part.weights).filter { $0.1 > 0.1 }.map(\.0)) }
        let pairs = held.indices.compactMap { place -> (place: Int, own: UInt32, elsewhere: UInt32)? in
            let others = held.indices.filter { $0 != place }
            let own = heavy[place].filter { term in others.allSatisfy { !held[$0].contains(term) } }.min()
            let elsewhere = others.flatMap { heavy[$0] }.filter { !held[place].contains($0) }.min()
            guard let own, let elsewhere else { return nil }
            return (place, own, elsewhere)
        }
        let (place, own, elsewhere) = try #require(pairs.first)
        let nowhere = try #require(
            (0..<UInt32(vocabulary.count)).first { term in held.allSatisfy { !$0.contains(term) } })
        let terms = [(own, 50), (elsewhere, 0.01), (nowhere, 1)].map {
            QueryTerm(term: vocabulary[Int($0.0)], weight: Float($0.1))
        }
        for mode in [SearchMode.splade, .hybrid, .fused] {
            var options = SearchOptions()
            options.mode = mode
            let found = try opened.explain("river", vector: terms, document: "long", options)
            let learned = try #require(found.fields.first { $0.field == "learned" })
            let best = try #require(found.passage)
            #expect(best.number == place + 1 && best.of == parts.count)
            #expect(learned.elsewhere == [vocabulary[Int(elsewhere)]])
            #expect(learned.missing == [vocabulary[Int(nowhere)]])
            #expect(learned.terms.map(\.term) == [vocabulary[Int(own)]])
        }
    }
}
