import ApusTestSupport
import CApusKernels
import Foundation
import Testing

@testable import InvertedIndex

/// The window traversal over several windows, and its kernels at every level, against postings added up one by one.
@Suite(.smallWindows) struct WindowTraversalTests {
    /// Documents of a window and of a few windows whose documents score high: some windows are passed over, some come first.
    private static func index(_ seed: UInt64, documents: Int, merged: Bool = true) async throws -> (
        IndexSnapshot, [String]
    ) {
        var random = SplitMix64(seed: seed)
        let vocabulary = (0..<40).map { "t\($0)" }
        let directory = try TestPaths.temporaryDirectory()
        return try await FrequentWriter.$fewestDocuments.withValue(0) {
            let writer = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: vocabulary)
            var batch: [IndexDocument] = []
            for document in 0..<documents {
                let isRich = document / 1024 % 3 == 1
                var terms: [UInt32] = []
                var weights: [Float] = []
                for term in 0..<40 where Double.random(in: 0..<1, using: &random) < 2.0 / Double(term + 3) {
                    terms.append(UInt32(term))
                    weights.append(Float(UInt32.random(in: 1...(isRich ? 255 : 60), using: &random)))
                }
                batch.append(
                    IndexDocument(id: "d\(document)", wordBytes: [], wordEnds: [], terms: terms, weights: weights))
            }
            try await writer.add(batch)
            return (try await writer.commit(), vocabulary)
        }
    }

    @Test(arguments: [1, 900, 1024, 1025, 5000, 9000], [1, 2])
    func severalWindowsGiveTheHitsOfExhaustiveScoring(documents: Int, threads: Int) async throws {
        let (snapshot, vocabulary) = try await Self.index(UInt64(documents), documents: documents)
        var random = SplitMix64(seed: UInt64(documents + threads))
        var (read, all) = (0, 0)
        for round in 0..<40 {
            let terms = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                QueryTerm(
                    term: vocabulary.randomElement(using: &random) ?? "",
                    weight: Float([0.001, 0.25, 1, 3].randomElement(using: &random) ?? 1))
            }
            let query = Query(field: .learned, terms: terms)
            let k = [1, 3, 10, 100, 1000, 20_000][round % 6]
            let expected = try snapshot.search(query, k: k, traversal: .exhaustive).hits
            let found = try snapshot.search(query, k: k, traversal: .window, threads: threads)
            #expect(found.hits == expected, "k \(k) \(terms)")
            (read, all) = (read + found.counters.rangesScored, all + found.counters.ranges)
        }
        // It is a traversal that passes groups over.
        if documents == 9000 { #expect(read * 2 < all, "\(read) of \(all)") }
    }

    /// What the traversal reads beside the blocks is compared with its checksums, and by no other traversal.
    @Test func damageOfWhatItReadsIsAnError() async throws {
        let (snapshot, _) = try await Self.index(7, documents: 9000)
        let segment = try #require(snapshot.segments.first)
        let reader = try #require(segment.fields[.learned])
        // In the middle, where no other array shares its pages; the maxima of windows are too few to have one of their own.
        let frequent = (0..<reader.terms).filter { !reader.frequentBytes(ofTerm: $0).isEmpty }
        let term = frequent[frequent.count / 2]
        let parts = reader.frequentBytes(ofTerm: term).prefix(2)
        let name = unsafe String(decoding: reader.termUTF8(term), as: UTF8.self)
        let path = URL(fileURLWithPath: segment.path)
        let whole = try Data(contentsOf: path)
        let query = Query(
            field: .learned, terms: [QueryTerm(term: name, weight: 1), QueryTerm(term: "t39", weight: 2)])
        for part in parts {
            var damaged = whole
            damaged[part.lowerBound] ^= 1
            try damaged.write(to: path)
            let opened = try IndexSnapshot.open(snapshot.directory)
            #expect(throws: IndexError.self) { try opened.search(query, k: 3, traversal: .window) }
            #expect(try opened.search(query, k: 3, traversal: .exhaustive).hits.count == 3)
        }
        try whole.write(to: path)
        #expect(try IndexSnapshot.open(snapshot.directory).search(query, k: 3, traversal: .window).hits.count == 3)
    }

    /// Bounds dominate and sums are those of the postings, at every level; the levels find the same.
    @Test func kernelsEqualAddingPostings() async throws {
        let documents = 3000
        let (snapshot, _) = try await Self.index(5, documents: documents)
        let segment = try #require(snapshot.segments.first)
        let reader = try #require(segment.fields[.learned])
        let frequent = try #require(reader.frequent)
        let places = (0..<reader.terms).compactMap { term in frequent.place(ofTerm: term).map { (term, $0) } }
        try #require(places.count > 6)
        var random = SplitMix64(seed: 6)
        let groups = FrequentWriter.groups(documents: documents)
        let choices: [UInt32] = [1, 7, 4095, 32_767]
        for round in 0..<30 {
            let used = Array(places.shuffled(using: &random).prefix(round % 7))
            let weights: [UInt32] = used.indices.map { _ in choices[Int.random(in: 0..<4, using: &random)] }
            let sums = (0..<groups * 16).map { $0 < documents ? UInt32.random(in: 0...90_000, using: &random) : 0 }
            let shift: UInt32 = 12
            var whole = sums
            for ((term, _), weight) in zip(used, weights) {
                let list = reader.postings(ofTerm: term)
                for (docid, impact) in zip(list.docids, list.values) { whole[Int(docid)] += weight * impact }
            }
            let least = whole.sorted(by: >)[20]
            let slack = UInt32(used.count) + 1
            let bound = least >> shift > slack ? least >> shift - slack : 0
            // Every third round hides documents.
            let live: [UInt64]? =
                round % 3 == 2 ? (0...groups / 4).map { _ in .random(in: 0 ... .max, using: &random) } : nil
            // The whole segment at once, or from its second thousand on.
            let start = round % 2 * 1024
            let first = start / groupSize
            var answers: [([UInt32], [UInt16], [UInt32])] = []
            for level in Int32(APUS_LEVEL_PLAIN)...apus_level_of_cpu() {
                let table = unsafe zip(used, weights).map { term, weight in
                    var list = unsafe frequent.list(at: term.1)
                    unsafe list.postings = unsafe reader.postings.baseAddress
                    unsafe list.bytes = unsafe reader.postings.count
                    unsafe list.weight = weight
                    unsafe list.scaled = UInt16((UInt64(weight) << 8 + (1 << UInt64(shift)) - 1) >> UInt64(shift))
                    return unsafe list
                }
                var window = Array(sums[start...])
                var chosen = [UInt32](repeating: 0, count: groups)
                var bounds = [UInt16](repeating: 0, count: groups)
                let some = unsafe apus_window_groups(
                    level, table, table.count, window, first, groups - first, shift, bound, &chosen, &bounds)
                chosen.removeSubrange(some...)
                bounds.removeSubrange(some...)
                try #require(some <= Int(APUS_GROUPS_SCORED))
                for (group, most) in zip(chosen, bounds) {
                    let best = whole[Int(group) * groupSize..<(Int(group) + 1) * groupSize].max() ?? 0
                    #expect(UInt32(most) + slack > best >> shift, "group \(group)")
                }
                var found = [UInt32](repeating: 0, count: groupSize * max(1, some))
                var looked = 0
                let reaching = unsafe apus_groups_score(
                    level, table, table.count, chosen, some, live, shift, bound, least, UInt32(start), &window, &found,
                    &looked)
                found.removeSubrange(reaching...)
                answers.append((chosen, bounds, found))
                #expect(looked >= reaching)
                for docid in found { #expect(window[Int(docid) - start] == whole[Int(docid)]) }
            }
            #expect(answers.allSatisfy { $0 == answers[0] })
            let expected = whole.indices.filter { docid in
                let isLive = live.map { $0[docid / 64] >> UInt64(docid % 64) & 1 == 1 } ?? true
                return docid >= start && whole[docid] >= least && isLive
            }
            #expect(answers[0].2 == expected.map(UInt32.init), "round \(round)")
        }
    }
}
