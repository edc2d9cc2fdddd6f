import ApusTestSupport
import Testing

@testable import InvertedIndex

/// All segments handed on as one: no document is lost or invented, and impacts of other scales come to the smallest scale.
@Suite struct MergedPostingsTests {
    @Test(arguments: [[1, 2], [83.21, 3.7], [7, 7], [5, 1e30]] as [[Float]], [0, 300])
    func impactsComeToTheSmallestScale(scales: [Float], hidden: Int) async throws {
        var parts: [IndexSnapshot] = []
        for (number, scale) in scales.enumerated() {
            parts.append(
                try await RandomIndex(
                    seed: UInt64(100 + number), documents: 150, terms: 20, segments: number + 1, merged: false,
                    impacts: [1, 2, 4, 8, 64, 128], scale: scale, firstID: number * 150
                ).snapshot)
        }
        let test = OwnScaleTests.Case(scales: scales, documents: 150, hidden: hidden)
        let joined = IndexSnapshot(joining: parts)
        let snapshot = joined.restricted(
            to: joined.segments.map { segment in
                DocumentSet(documents: segment.documents) { test.isVisible(segment.externalID($0)) }
            })
        var merged = try MergedPostings(snapshot, .learned)
        let smallest = scales.min() ?? 1
        #expect(merged.scale == smallest && merged.isRescaled == (Set(scales).count > 1))
        var found: [String: [String: UInt32]] = [:]
        var (list, last) = (PostingList(), [UInt8]())
        while try merged.next(&list) {
            #expect(last.isEmpty || last.lexicographicallyPrecedes(list.term))
            #expect(zip(list.docids, list.docids.dropFirst()).allSatisfy { $0 < $1 })
            last = list.term
            for (docid, value) in zip(list.docids, list.values) {
                found[merged.id(Int(docid)), default: [:]][String(decoding: list.term, as: UTF8.self)] = value
            }
        }
        var expected: [String: [String: UInt32]] = [:]
        for (number, view) in snapshot.views.enumerated() {
            let terms = snapshot.learnedTerms(ofView: number)
            let vectors = try ForwardVectors(snapshot, view: number, docids: 0..<view.segment.documents)
            for docid in 0..<view.segment.documents where view.documents?.contains(UInt32(docid)) ?? true {
                // The same document by the way that searches for single ones take.
                let single = try snapshot.vectors(of: [DocumentPlace(segment: number, docid: UInt32(docid))])[0]
                let range = vectors.range(of: docid)
                #expect(single.map(\.term) == vectors.terms[range].map { terms[Int($0)] })
                #expect(single.map { UInt8(($0.weight * view.scale).rounded()) } == Array(vectors.impacts[range]))
                for (term, weight) in single {
                    let impact = max(1, ((weight * view.scale).rounded() * (smallest / view.scale)).rounded())
                    expected[view.segment.externalID(UInt32(docid)), default: [:]][term] = UInt32(impact)
                }
            }
        }
        #expect(found == expected)
    }

    @Test func partsCoverEveryDocumentOnce() async throws {
        let index = try await RandomIndex(
            seed: 4, documents: 331, terms: 9, segments: 3, merged: false, impacts: [1, 9], scale: 1, firstID: 0)
        let snapshot = index.snapshot.restricted(
            to: index.snapshot.segments.map { segment in
                DocumentSet(documents: segment.documents) { $0 % 3 != 1 }
            })
        for size in [1, 7, 100, 1000] {
            let parts = snapshot.parts(of: size)
            let counts = parts.map { $0.reduce(0) { $0 + snapshot.count(ofView: $1.view, docids: $1.docids) } }
            #expect(counts.dropLast().allSatisfy { $0 == size } && counts.reduce(0, +) == snapshot.documentCount)
            let places = parts.joined().flatMap { part in part.docids.map { "\(part.view) \($0)" } }
            #expect(Set(places).count == places.count)
        }
    }
}
