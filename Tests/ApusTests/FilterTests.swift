import ApusTestSupport
import ByteStrings
import Foundation
import InvertedIndex
import Testing

@testable import Apus

/// A filter lets through what its words say, wherever the documents lie, and hides the others from every ranking.
@Suite struct FilterTests {
    /// An index of several segments with words, learned terms and metadata.
    struct Collection {
        let index: SearchIndex
        let documents: [FilterOracle.Document]

        init(at directory: String, count: Int, seed: UInt64, filterable: [MetadataPath], parts: Int = 3) async throws {
            var random = SplitMix64(seed: seed)
            documents = (0..<count).map { FilterOracle.document($0, &random) }
            let words = ["owl", "fish", "bird", "cat", "dog"]
            for part in 0..<parts {
                var lines: [String] = []
                for document in documents[(count * part / parts)..<(count * (part + 1) / parts)] {
                    let text = (0..<6).map { _ in words[Int(random.next() % 5)] }.joined(separator: " ")
                    let terms = words.map { "\"\($0)\": \(1 + random.next() % 40)" }.joined(separator: ", ")
                    var line = document.members.json(&random).dropFirst().dropLast()
                    if !line.isEmpty { line.append(",") }
                    // A vector line has no title of its own.
                    lines.append(
                        "{\(line)\"_id\":\"\(document.id)\",\"contents\":\"\(text)\",\"vector\":{\(terms)}}")
                }
                let path = directory + "-\(part).jsonl"
                try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
                defer { try? FileManager.default.removeItem(atPath: path) }
                var builder = IndexBuilder(directory: directory)
                builder.importsVectors = true
                builder.filterable = filterable
                builder.existing = part == 0 ? .refuse : .append
                _ = try await builder.build(from: [path])
            }
            index = try SearchIndex(directory)
        }

        func ids(_ filter: Filter) throws -> [String] {
            var found: [String] = []
            for (set, view) in zip(try index.documents(matching: filter), index.snapshot.views) {
                for docid in 0..<UInt32(view.segment.documents) where set.contains(docid) {
                    found.append(view.segment.externalID(docid))
                }
            }
            return found
        }
    }

    /// 2 × 1,500 random filters over random documents, against trees that never were JSON.
    @Test(arguments: [[], FilterOracle.fields.filter { $0 != .id }])
    func filtersSayWhatTheirTwinSays(filterable: [MetadataPath]) async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let collection = try await Collection(
            at: directory + "/index", count: 240, seed: 5, filterable: filterable)
        var documents = collection.documents
        for place in documents.indices {
            let document = documents[place]
            documents[place] = FilterOracle.Document(id: document.id, title: "", members: document.members)
        }
        #expect(collection.index.snapshot.segmentCount >= 1)
        var random = SplitMix64(seed: 99)
        for number in 0..<1_500 {
            let filter = FilterOracle.filter(&random)
            let expected = documents.filter { $0.fits(filter) }.map { ByteString($0.id) }
            let found = try collection.ids(filter).map { ByteString($0) }
            if Set(found) != Set(expected) || found.count != expected.count {
                let odd = Set(found).symmetricDifference(Set(expected)).sorted().prefix(3).map(\.string)
                Issue.record("filter \(number), \(filter): \(odd)")
                return
            }
        }
    }

    /// The hits with a filter are those of a ranking of everything, without what the filter hides.
    @Test func aFilteredRankingIsTheRankingWithoutTheOthers() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let collection = try await Collection(at: directory + "/index", count: 400, seed: 8, filterable: ["year"])
        let index = collection.index
        var random = SplitMix64(seed: 3)
        for _ in 0..<40 {
            let filter = FilterOracle.filter(&random)
            let fitting = Set(try collection.ids(filter).map { ByteString($0) })
            let vector = ["owl", "fish"].map { QueryTerm(term: $0, weight: Float(1 + random.next() % 9)) }
            for mode in [SearchMode.bm25, .splade, .fused] {
                var options = SearchOptions()
                options.mode = mode
                options.hits = 400
                let whole = try index.search("owl cat", vector: vector, options)
                let expected = whole.documents.filter { fitting.contains(ByteString($0.id)) }
                options.filter = filter
                for traversal in Traversal.allCases {
                    for k in [1, 10, 400] {
                        (options.traversal, options.hits) = (traversal, k)
                        let found = try index.search("owl cat", vector: vector, options)
                        #expect(
                            found.documents.map { "\($0.id) \($0.score)" }
                                == expected.prefix(k).map { "\($0.id) \($0.score)" }, "\(filter) \(mode) \(traversal)")
                        #expect(found.isExact)
                    }
                }
            }
            #expect(try index.count(matching: filter) == fitting.count)
        }
    }

    /// Boosted hits are those of a ranking of everything with every score multiplied, whatever the traversal.
    @Test func aBoostedRankingIsExact() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let collection = try await Collection(at: directory + "/index", count: 400, seed: 9, filterable: ["year"])
        let index = collection.index
        var random = SplitMix64(seed: 31)
        for round in 0..<40 {
            let factors = [0.5, 0.9, 1, 1.1, 1.5, 3, 40]
            let boosts = (0...random.next() % 3).map { _ in
                Boost(FilterOracle.filter(&random), factor: factors[Int(random.next() % 7)])
            }
            var factor: [ByteString: Double] = [:]
            for boost in boosts {
                for id in try collection.ids(boost.filter) { factor[ByteString(id), default: 1] *= boost.factor }
            }
            let vector = ["owl", "fish"].map { QueryTerm(term: $0, weight: Float(1 + random.next() % 9)) }
            for mode in [SearchMode.bm25, .splade, .fused] {
                var options = SearchOptions()
                options.mode = mode
                options.hits = 400
                let whole = try index.search("owl cat", vector: vector, options).documents
                let expected = Dictionary(
                    uniqueKeysWithValues: whole.map { (ByteString($0.id), $0.score * (factor[ByteString($0.id)] ?? 1)) }
                )
                options.boosts = boosts
                if round % 2 == 1 { options.filter = FilterOracle.filter(&random) }
                options.traversal = .exhaustive
                let all = try index.search("owl cat", vector: vector, options)
                #expect(zip(all.documents, all.documents.dropFirst()).allSatisfy { $0.score >= $1.score })
                if options.filter == nil { #expect(all.documents.count == whole.count) }
                for document in all.documents {
                    let wanted = expected[ByteString(document.id)] ?? 0
                    #expect(abs(document.score - wanted) <= 1e-5 * wanted + 1e-6, "\(mode) \(boosts)")
                }
                for traversal in Traversal.allCases {
                    for k in [1, 7, 400] {
                        for threads in [1, 2] {
                            (options.traversal, options.hits, options.threads) = (traversal, k, threads)
                            let found = try index.search("owl cat", vector: vector, options)
                            #expect(
                                found.documents.map { "\($0.id) \($0.score)" }
                                    == all.documents.prefix(k).map { "\($0.id) \($0.score)" }, "\(mode) \(traversal)")
                            #expect(found.isExact)
                        }
                    }
                }
                options = SearchOptions()
                (options.mode, options.boosts, options.hits, options.ranges, options.verify) = (
                    mode, boosts, 5, 2, true
                )
                _ = try index.search("owl cat", vector: vector, options)
            }
        }
    }

    /// Deleting and joining keep the fields that are found without reading, and what they say.
    @Test(arguments: [[], FilterOracle.fields.filter { $0 != .id }])
    func filtersStayTrueWhenSegmentsAreJoined(filterable: [MetadataPath]) async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let before = try await Collection(at: directory + "/index", count: 240, seed: 6, filterable: filterable)
        let gone = Set((0..<240).filter { $0 % 7 == 3 || $0 % 11 == 0 }.map { "d\($0)" })
        _ = try await DocumentDeletion(of: Array(gone)).run(directory + "/index")
        let deleted = try SearchIndex(directory + "/index")
        _ = try await SegmentJoining(to: 1).run(directory + "/index")
        let joined = try SearchIndex(directory + "/index")
        #expect(joined.snapshot.segmentCount == 1 && joined.snapshot.documentCount == 240 - gone.count)
        for segment in joined.snapshot.segments {
            #expect(try joined.documents.file(of: segment)?.filterableFields() == filterable)
        }
        #expect(try joined.documents.documents(["d1"]).count == 1)
        var random = SplitMix64(seed: 98)
        for _ in 0..<300 {
            let filter = FilterOracle.filter(&random)
            let expected = Set(
                before.documents.filter { !gone.contains($0.id) }
                    .map { FilterOracle.Document(id: $0.id, title: "", members: $0.members) }
                    .filter { $0.fits(filter) }.map(\.id))
            for index in [deleted, joined] {
                let found = try index.ids(matching: filter)
                #expect(Set(found) == expected && found.count == expected.count, "\(filter)")
            }
        }
    }

    /// Titles are fields, and so are members of the `metadata` object before those beside it; names are compared without escapes.
    @Test func fieldsAreFoundWhereTheyStand() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let lines = [
            #"{"_id": "both", "title": "One", "text": "a", "year": 1, "metadata": {"year": 2}}"#,
            #"{"_id": "beside", "title": "", "text": "b", "year": 1, "metadata": {"lang": "en"}}"#,
            #"{"_id": "escaped", "title": "Two", "text": "c", "gr\u00f6\u00dfe": "gro\u00df", "metadata": "none"}"#,
            #"{"_id": "twice", "text": "d", "year": 7, "year": 8}"#,
        ]
        try lines.joined(separator: "\n").write(
            toFile: directory + "/c.jsonl", atomically: true, encoding: .utf8)
        for filterable in [[], ["year", "größe", MetadataPath.title]] {
            var builder = IndexBuilder(directory: directory + "/index\(filterable.count)")
            builder.model = ModelChoice.none
            builder.filterable = filterable
            _ = try await builder.build(from: [directory + "/c.jsonl"])
            let index = try SearchIndex(builder.directory)
            #expect(index.settings.filterable == filterable)
            for (text, ids) in [
                ("year = 2", ["both"]), ("year = 1", ["beside"]), ("metadata.year = 2", ["both"]),
                ("year = 7", ["twice"]), ("year = 8", []), ("größe ^= 'gro'", ["escaped"]),
                ("EXISTS title", ["both", "escaped"]), ("title >= 'T'", ["escaped"]), ("id = 'beside'", ["beside"]),
                ("id IN ('both', 'twice', 'absent')", ["both", "twice"]), ("metadata = 'none'", ["escaped"]),
                ("NOT year = 1", ["both", "escaped", "twice"]), ("year != 1", ["both", "twice"]),
                ("true", ["both", "beside", "escaped", "twice"]), ("false", []),
            ] {
                let filter = try Filter(parsing: text)
                let sets = try index.documents(matching: filter)
                var found: [String] = []
                for (set, view) in zip(sets, index.snapshot.views) {
                    for docid in 0..<UInt32(view.segment.documents) where set.contains(docid) {
                        found.append(view.segment.externalID(docid))
                    }
                }
                #expect(found.sorted() == ids.sorted(), "\(text)")
            }
            // Any other fields are another index.
            builder.existing = .append
            builder.filterable = ["lang"]
            let appended = builder
            await #expect(throws: ApusError.self) { _ = try await appended.build(from: [directory + "/c.jsonl"]) }
        }
    }

    /// A filter never rests on damaged bytes.
    @Test func damagedTextsAreNotBelieved() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let collection = try await Collection(
            at: directory + "/index", count: 40, seed: 4, filterable: ["year"], parts: 1)
        let path = URL(fileURLWithPath: directory + "/index/seg-1.sqlite")
        let whole = try Data(contentsOf: path)
        for place in stride(from: 200, to: whole.count, by: 997) {
            var damaged = whole
            damaged[place] ^= 0x10
            try damaged.write(to: path)
            guard let index = try? SearchIndex(collection.index.directory) else { continue }
            for filter: Filter in [.exists("year"), .exists("lang")] {
                #expect(throws: IndexError.self, "byte \(place)") { try index.documents(matching: filter) }
            }
        }
    }
}
