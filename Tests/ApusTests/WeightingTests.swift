import Apus
import ApusTestSupport
import ByteStrings
import Foundation
import InvertedIndex
import Testing

/// What an index says of weights is remembered by it, is done by every search, and can be overridden by one.
@Suite struct WeightingTests {
    private let directory: String
    private let index: String

    init() throws {
        directory = try TestPaths.temporaryDirectory()
        index = directory + "/index"
    }

    private func lines(_ range: Range<Int>, seed: UInt64) -> [String] {
        var random = SplitMix64(seed: seed)
        return range.map { number in
            let terms = (0..<20).filter { Double.random(in: 0..<1, using: &random) < 3 / Double($0 + 3) }
            let weights = terms.map { "\"t\($0)\": \(Float.random(in: 0.1...3, using: &random))" }
            let words = (0..<Int.random(in: 1...30, using: &random)).map { _ in
                "w" + String(repeating: "x", count: Int.random(in: 0...8, using: &random))
            }
            return "{\"id\": \"d\(number)\", \"contents\": \"\(words.joined(separator: " "))\", "
                + "\"vector\": {\(weights.joined(separator: ", "))}, \"even\": \(number % 2)}"
        }
    }

    private func write(_ name: String, _ lines: [String]) throws -> String {
        let path = directory + "/" + name
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func build(
        _ lines: [String], _ existing: IndexBuilder.Existing = .refuse,
        _ change: (inout IndexBuilder) -> Void = { _ in }
    ) async throws {
        var builder = IndexBuilder(directory: index)
        (builder.importsVectors, builder.existing) = (true, existing)
        change(&builder)
        _ = try await builder.build(from: [try write("in.jsonl", lines)])
    }

    private func query(_ random: inout SplitMix64) -> [QueryTerm] {
        (0..<8).map { _ in
            QueryTerm(
                term: "t\(Int.random(in: 0..<22, using: &random))", weight: Float.random(in: 0.1...2, using: &random))
        }
    }

    /// The vectors that the index gives back, idf counted by hand over them, and products added up: to the rounding of query weights,
    /// of which there are 4095 steps, this is the score.
    private func checkByHand(_ index: SearchIndex, power: Double, seed: UInt64) throws {
        var vectors: [String: [String: Double]] = [:]
        for view in index.snapshot.views {
            for docid in 0..<UInt32(view.segment.documents) where view.documents?.contains(docid) ?? true {
                let id = view.segment.externalID(docid)
                let vector = try #require(try index.snapshot.vector(of: id))
                vectors[id] = Dictionary(uniqueKeysWithValues: vector.map { ($0.term, Double($0.weight)) })
            }
        }
        #expect(vectors.count == index.snapshot.documentCount)
        let count = Double(vectors.count)
        var random = SplitMix64(seed: seed)
        for _ in 0..<10 {
            let terms = query(&random)
            var weights: [String: Double] = [:]
            for term in terms { weights[term.term, default: 0] += Double(term.weight) }
            for term in weights.keys {
                let df = Double(vectors.values.count { $0[term] != nil })
                weights[term]? *= pow(log(1 + (count - df + 0.5) / (df + 0.5)), power)
            }
            var options = SearchOptions()
            (options.mode, options.hits, options.verify) = (.splade, 2000, true)
            let answer = try index.search("", vector: terms, options)
            var expected: [String: Double] = [:]
            for (id, vector) in vectors {
                let score = weights.reduce(0) { $0 + $1.value * (vector[$1.key] ?? 0) }
                if score > 0 { expected[id] = score }
            }
            #expect(Set(answer.documents.map(\.id)) == Set(expected.keys))
            let step = (weights.values.max() ?? 0) / 4095 / 2 * 3 * 8
            for document in answer.documents {
                let wanted = expected[document.id] ?? -1
                #expect(abs(document.score - wanted) <= step + 1e-4 * wanted, "\(document.id)")
            }
        }
    }

    @Test func statisticsFollowEveryChangeAtOnce() async throws {
        try await build(lines(0..<200, seed: 1)) { $0.idfPower = 0.5 }
        try checkByHand(try SearchIndex(index), power: 0.5, seed: 1)
        try await build(lines(200..<330, seed: 2), .append)
        try await build(lines(330..<400, seed: 3), .append) { $0.idfPower = 0.5 }
        try checkByHand(try SearchIndex(index), power: 0.5, seed: 2)
        _ = try await DocumentDeletion(of: (0..<400).filter { $0 % 3 == 0 }.map { "d\($0)" }).run(index)
        try checkByHand(try SearchIndex(index), power: 0.5, seed: 3)
        try await build(lines(150..<250, seed: 4), .update)
        try checkByHand(try SearchIndex(index), power: 0.5, seed: 4)
        _ = try await SegmentJoining(to: 1).run(index)
        let merged = try SearchIndex(index)
        #expect(merged.snapshot.segmentCount == 1 && merged.settings.idfPower == 0.5)
        try checkByHand(merged, power: 0.5, seed: 5)
    }

    @Test func aSearchCanAskForAnotherPower() async throws {
        try await build(lines(0..<150, seed: 5)) { $0.idfPower = 0.5 }
        let weighted = try SearchIndex(index)
        try await build(lines(0..<150, seed: 5), .replace)
        let plain = try SearchIndex(index)
        #expect(plain.settings.idfPower == 0 && plain.snapshot.norms == nil)
        var random = SplitMix64(seed: 6)
        var differences = 0
        for mode in [SearchMode.splade, .hybrid, .fused] {
            for _ in 0..<5 {
                let terms = query(&random)
                var options = SearchOptions()
                (options.mode, options.hits, options.verify) = (mode, 50, true)
                let asIndexed = try weighted.search("w wx", vector: terms, options)
                #expect(asIndexed.tag.contains("vectors-idf0.5"))
                let none = try plain.search("w wx", vector: terms, options)
                #expect(!none.tag.contains("idf"))
                if none.documents != asIndexed.documents { differences += 1 }
                options.idfPower = 0
                let off = try weighted.search("w wx", vector: terms, options)
                #expect(off.tag == none.tag && off.documents == none.documents)
                options.idfPower = 0.5
                let on = try plain.search("w wx", vector: terms, options)
                #expect(on.tag == asIndexed.tag && on.documents == asIndexed.documents)
            }
        }
        #expect(differences > 10)
    }

    @Test func normsAndBM25AreSettingsThatStay() async throws {
        try await build(lines(0..<60, seed: 7)) {
            ($0.normPower, $0.k1, $0.b) = (0.25, 1.2, 0.75)
        }
        let first = try SearchIndex(index)
        let norms = try #require(first.snapshot.norms)
        #expect(norms.power == 0.25 && first.settings.bm25 == BM25Parameters(k1: 1.2, b: 0.75))
        try await build(lines(60..<90, seed: 8), .append)
        _ = try await DocumentDeletion(of: ["d3"]).run(index)
        _ = try await SegmentJoining(to: 1).run(index)
        let after = try SearchIndex(index)
        #expect(after.snapshot.norms == norms && after.settings.bm25 == first.settings.bm25)
        #expect(after.settings.isComplete)
        var options = SearchOptions()
        (options.mode, options.hits) = (.bm25, 1000)
        let asIndexed = try after.search("wx wxx", options)
        #expect(asIndexed.tag == "apus-bm25(k1=1.2,b=0.75)")
        options.bm25 = BM25Parameters(k1: 1.2, b: 0.75)
        #expect(try after.search("wx wxx", options).documents == asIndexed.documents)
        options.bm25 = BM25Parameters()
        let usual = try after.search("wx wxx", options)
        #expect(usual.tag == "apus-bm25" && usual.documents != asIndexed.documents)
        let report = try IndexReport(of: after, topics: nil, options: SearchOptions())
        #expect(report.k1 == 1.2 && report.b == 0.75 && report.normPower == 0.25 && report.meanNorm == norms.mean)
        #expect(report.idfPower == nil)
    }

    /// An index is of one piece: what it was begun with cannot be asked for anew.
    @Test(arguments: ["idf-power", "norm-power", "k1", "b", "title-weight", "title-boost"])
    func anotherSettingIsRefused(name: String) async throws {
        try await build(lines(0..<20, seed: 9))
        let error = await #expect(throws: ApusError.self) {
            try await build(lines(20..<25, seed: 9), .append) {
                switch name {
                case "idf-power": $0.idfPower = 0.5
                case "norm-power": $0.normPower = 0.5
                case "k1": $0.k1 = 1.5
                case "title-weight": $0.titleWeight = 2
                case "title-boost": $0.titleBoost = 0.2
                default: $0.b = 0.5
                }
            }
        }
        #expect(error?.description.contains("begun with \(name)") == true, "\(String(describing: error))")
        // What is there already can be said again.
        try await build(lines(20..<25, seed: 9), .append) {
            ($0.idfPower, $0.normPower, $0.k1, $0.b, $0.titleWeight) = (0, 0, 0.9, 0.4, Weighting.titleWeight)
        }
    }

    @Test func importedVectorsHaveNoTitles() async throws {
        let error = await #expect(throws: ApusError.self) {
            try await build(lines(0..<3, seed: 9)) { $0.titleBoost = 0.2 }
        }
        #expect(error?.description.contains("--title-boost") == true)
    }

    /// The vectors that the index gives back are those of the encoder, raised where the title has the token; with passages as without, and
    /// for what is added later.
    @Test(arguments: [nil, PassageSplit(length: 16, aggregate: .max)])
    func learnedTermsOfTitlesAreRaised(passages: PassageSplit?) async throws {
        let model = ModelChoice.folder(TestPaths.fixtures + "/LearnedEncoder/bert-max")
        let encoder = try #require(try model.load())
        let words = encoder.vocabulary.filter { $0.count > 2 && $0.allSatisfy { $0.isLetter && $0.isASCII } }
        var random = SplitMix64(seed: 31)
        func some(_ count: ClosedRange<Int>) -> String {
            (0..<Int.random(in: count, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
                .joined(separator: " ")
        }
        let documents = (0..<40).map { (title: $0 % 4 == 0 ? "" : some(1...2), text: some(3...40)) }
        for (range, existing) in [(0..<30, IndexBuilder.Existing.refuse), (30..<40, .append)] {
            let lines = range.map {
                #"{"id": "d\#($0)", "title": "\#(documents[$0].title)", "text": "\#(documents[$0].text)"}"#
            }
            try await build(lines, existing) {
                ($0.model, $0.importsVectors, $0.passages) = (model, false, passages)
                if existing == .refuse { $0.titleBoost = 0.5 }
            }
        }
        let opened = try SearchIndex(index)
        #expect(opened.settings.titleBoost == 0.5)
        #expect(try IndexReport(of: opened, topics: nil, options: SearchOptions()).titleBoost == 0.5)
        var raised = 0
        for (place, document) in documents.enumerated() {
            let content = document.title.isEmpty ? document.text : document.title + " " + document.text
            let vector =
                try passages.map {
                    try encoder.encodeDocuments([content], passages: encoder.checked($0), threads: 1)?[0]
                }
                ?? encoder.encodeDocuments([content], threads: 1)[0]
            let plain = try #require(vector)
            let own = encoder.typedTerms(document.title)
            let found = Dictionary(
                uniqueKeysWithValues: try #require(try opened.snapshot.vector(of: "d\(place)")).map {
                    ($0.term, $0.weight)
                })
            let unit = 1 / (opened.snapshot.learnedScale ?? 1)
            for (term, weight) in zip(plain.terms, plain.weights) {
                let wanted = own.contains(term) ? weight * 1.5 : weight
                raised += own.contains(term) ? 1 : 0
                #expect(abs((found[encoder.vocabulary[Int(term)]] ?? 0) - wanted) <= 0.51 * unit, "\(place) \(term)")
            }
        }
        #expect(raised > 3)
    }

    /// Words of a title count as if it stood there so often, also for what is added later and when segments are joined.
    @Test func titlesCountSeveralTimes() async throws {
        var random = SplitMix64(seed: 30)
        let words = ["tea", "green", "black", "water", "leaf", "kettle", "cup", "milk", "sugar"]
        func some(_ count: ClosedRange<Int>) -> String {
            (0..<Int.random(in: count, using: &random)).map { _ in words[Int.random(in: 0..<9, using: &random)] }
                .joined(separator: " ")
        }
        let documents = (0..<80).map { (title: $0 % 9 == 0 ? "" : some(1...3), text: $0 % 11 == 0 ? "" : some(1...12)) }
        func lines(_ range: Range<Int>, repeated: Bool) -> [String] {
            range.map { place in
                let (title, text) = documents[place]
                let more = repeated ? [title, title, text].joined(separator: " ") : text
                return #"{"id": "d\#(place)", "title": "\#(title)", "text": "\#(more)"}"#
            }
        }
        var found: [[[RankedDocument]]] = []
        for repeated in [false, true] {
            for (range, existing) in [(0..<50, IndexBuilder.Existing.replace), (50..<80, .append)] {
                try await build(lines(range, repeated: repeated), existing) {
                    if repeated, existing == .replace { $0.titleWeight = 1 }
                    ($0.model, $0.importsVectors) = (ModelChoice.none, false)
                }
            }
            var options = SearchOptions()
            (options.mode, options.hits) = (.bm25, 100)
            for joins in [false, true] {
                if joins { _ = try await SegmentJoining(to: 1).run(index) }
                let opened = try SearchIndex(index)
                #expect(opened.settings.titleWeight == (repeated ? 1 : 3))
                let queries = words + ["green tea", "milk sugar cup"]
                found.append(try queries.map { try opened.search($0, options).documents })
                let report = try IndexReport(of: opened, topics: nil, options: options)
                #expect(report.titleWeight == (repeated ? nil : 3))
            }
        }
        #expect(found[0] == found[2] && found[1] == found[3])
        #expect(found[0].allSatisfy { !$0.isEmpty })
    }

    @Test func aFusionInTheSettingsIsUsedUnlessAnotherIsAskedFor() {
        var settings = IndexSettings(analyzer: .english, model: .vectors, encoder: nil)
        settings.fusion = .convex(.zScore, weight: 0.7)
        #expect(SearchOptions().resolved(by: settings).fusion?.name == "z-score(w=0.7)")
        var options = SearchOptions()
        options.fusion = .reciprocalRank(k: 60)
        #expect(options.resolved(by: settings).fusion == .reciprocalRank(k: 60))
    }
}
