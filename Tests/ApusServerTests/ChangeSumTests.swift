import Apus
import Testing

@testable import ApusServer

/// A sum of changes ends where they would one after another, and says of each what it would have met.
@Suite struct ChangeSumTests {
    @Test(arguments: 0..<200 as Range<UInt64>) func isWhatOneAfterAnotherMakes(seed: UInt64) {
        var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
        func random(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        let before = Dictionary(
            uniqueKeysWithValues: (0..<6).filter { _ in random(2) == 0 }.map { ("d\($0)", "before") })
        let changes = (0..<random(20)).map { number -> IndexChange in
            let id = "d\(random(6))"
            let document = CorpusDocument(id: id, title: "", text: "\(number)")
            return [.create(document), .put(document), .delete(id)][random(3)]
        }
        var expected: [ChangeOutcome] = []
        var after = before
        for change in changes {
            let isThere = after[change.id] != nil
            switch change {
            case .create where isThere: expected.append(.conflict)
            case .create(let document), .put(let document):
                after[document.id] = document.text
                expected.append(isThere ? .updated : .created)
            case .delete(let id):
                after[id] = nil
                expected.append(isThere ? .deleted : .notFound)
            }
        }
        var sum = ChangeSum(present: Set(before.keys.map { ByteString($0) }))
        let outcomes = changes.map { sum.add($0) }
        #expect(outcomes == expected)
        var applied = before
        for id in sum.deletions { #expect(applied.removeValue(forKey: id) != nil) }
        for document in sum.updates { applied[document.id] = document.text }
        #expect(applied == after)
        #expect(Set(sum.updates.map(\.id)).count == sum.updates.count)
    }
}
