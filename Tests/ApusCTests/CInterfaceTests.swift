import ApusTestSupport
import CApus
import Foundation
import Testing

/// What a C program sees: results, numbers of errors and their sentences.
@Suite struct CInterfaceTests {
    private static let lines = [
        #"{"_id": "d1", "text": "Stars shine because of nuclear fusion.", "year": 2001}"#,
        #"{"_id": "d2", "text": "The moon shines by reflected light.", "year": 1999}"#,
        #"{"_id": "d3", "text": "Bread rises because of yeast.", "year": 2001}"#,
        #"{"_id": "d4", "title": "Stars", "text": "A star is a ball of gas.", "year": 2010}"#,
    ]

    /// Runs `body` with the path of an index of four texts.
    private func withIndex(_ body: (String) throws -> Void) throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/index"
        // Pieces that end in the middle of a line.
        let text = Self.lines.joined(separator: "\n")
        let half = text.index(text.startIndex, offsetBy: 70)
        let report = try Library.build(
            path, [String(text[..<half]), "", String(text[half...])], options: #"{"model": "none"}"#)
        #expect(report.contains("\"added\":4"), "\(report)")
        try body(path)
    }

    @Test func anIndexIsBuiltSearchedAndExplained() throws {
        try withIndex { path in
            let index = try Library.open(path)
            defer { apus_index_close(index) }
            let found = try Library.search(index, "why do stars shine")
            #expect(found.map(\.id).prefix(2) == ["d1", "d4"])
            #expect(found.first?.score ?? 0 > found.last?.score ?? 0)
            let texts = try Library.withStrings(["d4", "nobody", "d1"]) { ids in
                try Library.told { apus_documents(index, ids, $0, $1) }
            }
            #expect(
                texts.contains("\"title\":\"Stars\"") && texts.contains("nuclear fusion") && !texts.contains("nobody"))
            let explained = try Library.told { apus_explain(index, "stars shine", 11, "d1", nil, $0, $1) }
            #expect(explained.contains("\"term\":\"star\"") && explained.contains("\"mode\":\"bm25\""), "\(explained)")
        }
    }

    @Test func optionsAreThoseOfASearch() throws {
        try withIndex { path in
            let index = try Library.open(path)
            defer { apus_index_close(index) }
            let options = try Library.options(#"{"mode": "bm25", "filter": "year = 2001", "k1": 1.2, "b": 0.75}"#)
            defer { apus_options_free(options) }
            let found = try Library.search(index, "stars shine because", options: options)
            #expect(found.map(\.id) == ["d1"] || Set(found.map(\.id)) == ["d1", "d3"])
            #expect(!found.contains { $0.id == "d4" })
        }
    }

    @Test func manyQueriesAreAnsweredAsOneByOne() throws {
        try withIndex { path in
            let index = try Library.open(path)
            defer { apus_index_close(index) }
            let queries =
                ["why do stars shine", "bread", "", "nothing at all of these words"]
                + Array(repeating: "moon", count: 150)
            let k = 3
            var scores = [Double](repeating: 7, count: queries.count * k)
            var counts = [Int64](repeating: -1, count: queries.count)
            var batch: UnsafeMutablePointer<apus_batch>?
            try Library.withStrings(queries) { texts in
                try Library.call {
                    apus_batch_search(index, texts, nil, nil, nil, Int64(k), nil, 2, nil, &scores, &counts, &batch, $0)
                }
            }
            defer { apus_batch_free(batch) }
            var ids = Library.texts(batch?.pointee.ids, batch?.pointee.ids_length ?? 0)[...]
            for (row, query) in queries.enumerated() {
                let alone = try Library.search(index, query, k: Int64(k))
                #expect(Int(counts[row]) == alone.count)
                #expect(Array(ids.prefix(alone.count)) == alone.map(\.id))
                #expect(Array(scores[row * k..<row * k + alone.count]) == alone.map(\.score))
                #expect(scores[row * k + alone.count..<(row + 1) * k].allSatisfy { $0 == -.infinity })
                ids = ids.dropFirst(alone.count)
            }
            #expect(ids.isEmpty)
        }
    }

    @Test func whatTheCallerGivesUpLeavesTheIndexAsItWas() throws {
        try withIndex { path in
            let before = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            let error = #expect(throws: Library.Failure.self) {
                try Library.build(
                    path, [#"{"_id": "d5", "text": "more"}"# + "\n", "stop"], options: #"{"existing": "append"}"#)
            }
            #expect(error?.number == Int32(APUS_CANCELLED))
            #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == before)
            // A known id is found out after its predecessors were taken.
            let known = #expect(throws: Library.Failure.self) {
                try Library.build(
                    path, [#"{"_id": "d5", "text": "more"}"# + "\n" + #"{"_id": "d1", "text": "again"}"#],
                    options: #"{"existing": "append"}"#)
            }
            #expect(known?.number == Int32(APUS_FAILED))
            #expect(known?.sentence.contains("'documents' line 2: document 'd1'") == true, "\(known?.sentence ?? "")")
            let index = try Library.open(path)
            defer { apus_index_close(index) }
            #expect(try Library.told { apus_index_info(index, $0, $1) }.contains("\"documents\":4"))
        }
    }

    @Test func aRefreshedHandleSeesChangesAndTheOldOneDoesNot() throws {
        try withIndex { path in
            let index = try Library.open(path)
            defer { apus_index_close(index) }
            let report = try Library.withStrings(["d1", "nobody"]) { ids in
                try Library.told { apus_delete(path, ids, nil, $0, $1) }
            }
            #expect(report.contains("\"deleted\":1") && report.contains("\"unknown\":1"), "\(report)")
            var newest: OpaquePointer?
            try Library.call { apus_index_refresh(index, &newest, $0) }
            defer { apus_index_close(newest) }
            #expect(try Library.search(newest, "stars shine").map(\.id).contains("d1") == false)
            #expect(try Library.search(index, "stars shine").map(\.id).first == "d1")
        }
    }

    @Test func vectorsAreJoinedToTheirDocuments() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/vectors"
        let (ends, terms, weights): ([Int64], [UInt32], [Float]) = ([2, 2, 3], [0, 2, 2], [1, 0.5, 2])
        let documents = ["a", "b", "c"].map { #"{"_id": "\#($0)", "text": "text of \#($0)"}"# }.joined(separator: "\n")
        try ends.withUnsafeBufferPointer { ends in
            try terms.withUnsafeBufferPointer { terms in
                try weights.withUnsafeBufferPointer { weights in
                    var matrix = apus_matrix(
                        rows: 3, columns: 3, ends: ends.baseAddress, terms: terms.baseAddress,
                        weights: weights.baseAddress)
                    try Library.withStrings(["red", "green", "blue"]) { names in
                        _ = try Library.build(
                            path, [documents], options: #"{"vectors": true}"#, vectors: &matrix, vocabulary: names)
                        let tooFew = #expect(throws: Library.Failure.self) {
                            try Library.build(
                                path, [documents + "\n" + #"{"_id": "d", "text": "x"}"#],
                                options: #"{"vectors": true, "existing": "replace"}"#, vectors: &matrix,
                                vocabulary: names)
                        }
                        #expect(tooFew?.sentence.contains("more documents than vectors, 3") == true)
                        #expect(tooFew?.number == Int32(APUS_MISUSE))
                    }
                }
            }
        }
        let index = try Library.open(path)
        defer { apus_index_close(index) }
        var hits: UnsafeMutablePointer<apus_hits>?
        try Library.withStrings(["blue"]) { names in
            let options = try Library.options(#"{"mode": "splade"}"#)
            defer { apus_options_free(options) }
            try [Float(1)].withUnsafeBufferPointer { weights in
                var vector = apus_vector(terms: names.pointee, weights: weights.baseAddress)
                try Library.call { apus_search(index, "", 0, &vector, 10, options, &hits, $0) }
            }
        }
        defer { apus_hits_free(hits) }
        #expect(Library.texts(hits?.pointee.ids, hits?.pointee.ids_length ?? 0) == ["c", "a"])
    }

    @Test func manyThreadsSearchWhileOneChanges() throws {
        try withIndex { path in
            let index = try Library.open(path)
            defer { apus_index_close(index) }
            let expected = try Library.search(index, "stars shine").map(\.id)
            let shared = Shared(index)
            DispatchQueue.concurrentPerform(iterations: 5) { number in
                for round in 0..<40 {
                    if number == 0, round % 8 == 0 {
                        _ = try? Library.build(
                            path, [#"{"_id": "n\#(round)", "text": "stars shine"}"#],
                            options: #"{"existing": "append"}"#)
                    } else if (try? Library.search(shared.index, "stars shine").map(\.id)) != expected {
                        shared.differ()
                    }
                }
            }
            #expect(shared.differing == 0)
            let newest = try Library.open(path)
            defer { apus_index_close(newest) }
            #expect(try Library.told { apus_index_info(newest, $0, $1) }.contains("\"documents\":9"))
        }
    }

    private final class Shared: @unchecked Sendable {
        let index: OpaquePointer?
        private let lock = NSLock()
        private var count = 0
        init(_ index: OpaquePointer?) { self.index = index }
        var differing: Int { lock.withLock { count } }
        func differ() { lock.withLock { count += 1 } }
    }
}
