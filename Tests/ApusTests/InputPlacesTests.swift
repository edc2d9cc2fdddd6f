import ApusTestSupport
import CorpusFormats
import Foundation
import Testing

@testable import Apus

/// A duplicate is named with the place of the first, however far away it is, although ids are held by the index alone.
@Suite struct InputPlacesTests {
    @Test func everyPlaceIsFoundAgain() {
        var random = SplitMix64(seed: 3)
        var (places, expected) = (InputPlaces(), [(path: String, line: Int)]())
        for file in 0..<20 {
            var line = 1
            for _ in 0..<Int.random(in: 0...300, using: &random) {
                places.append(path: "f\(file)", line: line)
                expected.append(("f\(file)", line))
                line += Double.random(in: 0..<1, using: &random) < 0.9 ? 1 : 5
            }
        }
        #expect(places.count == expected.count)
        for (ordinal, place) in expected.enumerated() {
            let found = places.place(of: ordinal)
            #expect(found?.path == place.path && found?.line == place.line)
        }
        #expect(places.place(of: -1) == nil && places.place(of: expected.count) == nil)
    }

    private func duplicate(
        _ lines: [String], in directory: String, existing: IndexBuilder.Existing = .refuse,
        interval: Duration = .seconds(60)
    ) async throws -> (line: Int, first: Int)? {
        let path = directory + "/\(UUID().uuidString).jsonl"
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        var builder = IndexBuilder(directory: directory + "/index")
        builder.model = ModelChoice.none
        builder.existing = existing
        builder.batchSize = 100
        builder.commitInterval = interval
        do { _ = try await builder.build(from: [path]) } catch {
            let cause = (error as? PartlyBuilt)?.cause ?? error
            guard case FormatError.duplicate(_, let line, _, _, let first) = cause else { throw error }
            return (line, first)
        }
        return nil
    }

    private func document(_ id: String) -> String { "{\"_id\":\"\(id)\",\"text\":\"word \(id)\"}" }

    /// In the same batch, in the buffer, and in a segment that was committed and joined with others meanwhile.
    @Test(arguments: [Duration.seconds(60), .zero]) func theFirstLineIsNamed(interval: Duration) async throws {
        for (first, second) in [(3, 4), (1, 99), (7, 1_150), (950, 1_201)] {
            let directory = try TestPaths.temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: directory) }
            var lines = (1...1_300).map { document("d\($0 * 7 % 1_301)") }
            lines.insert("", at: 500)
            lines[second - 1] = lines[first - 1]
            let found = try await duplicate(lines, in: directory, interval: interval)
            #expect(found?.line == second && found?.first == first)
        }
    }

    @Test func aMistakeBehindADuplicateDoesNotHideIt() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let found = try await duplicate([document("a"), document("b"), document("a"), "{broken"], in: directory)
        #expect(found?.line == 3 && found?.first == 1)
    }

    /// What is skipped because it was there already is refused when it comes twice.
    @Test func resumingRefusesWhatItSkippedBefore() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let old = try await duplicate((0..<300).map { document("d\($0)") }, in: directory)
        #expect(old == nil)
        let lines = (200..<600).map { document("d\($0)") }
        let again = try await duplicate(lines + [document("d250")], in: directory, existing: .resume)
        #expect(again?.line == 401 && again?.first == 51)
        let fresh = try await duplicate(lines + [document("d450")], in: directory, existing: .resume)
        #expect(fresh?.line == 401 && fresh?.first == 251)
    }
}
