import ApusTestSupport
import FileStorage
import Foundation
import Testing

@testable import InvertedIndex

/// A merge that leaves hidden documents out writes, byte for byte, what a merge of segments without these documents writes.
@Suite(.smallWindows) struct SegmentMergeTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let seed: UInt64
        let documents: Int
        /// Of a thousand documents, how many are hidden; nil for all but one.
        let hidden: Int?
        let reorder: Bool
        var profile = IndexProfile.standard
        var testDescription: String { "\(documents) documents, hidden \(hidden ?? -1), reorder \(reorder), \(profile)" }
    }

    private static let cases: [Case] = [0, 10, 500, nil].enumerated().flatMap { index, hidden in
        [
            Case(seed: UInt64(index), documents: 90, hidden: hidden, reorder: false),
            Case(seed: UInt64(index) + 10, documents: 700, hidden: hidden, reorder: false, profile: .compact),
            Case(seed: UInt64(index) + 20, documents: 2_600, hidden: hidden, reorder: true),
        ]
    }

    private static func isKept(_ number: Int, _ test: Case) -> Bool {
        guard let hidden = test.hidden else { return number == test.documents / 2 }
        var random = SplitMix64(seed: test.seed &* 1_000_003 &+ UInt64(number))
        return Int(random.next() % 1000) >= hidden
    }

    /// Documents of three segments; what is left out leaves no trace.
    private static func index(_ test: Case, in directory: String, without isLeftOut: (Int) -> Bool) async throws
        -> [Segment]
    {
        var random = SplitMix64(seed: test.seed)
        var options = IndexOptions()
        options.learnedScale = 1
        options.profile = test.profile
        let writer = try IndexWriter.create(at: directory, options: options, vocabulary: (0..<40).map { "t\($0)" })
        for number in 0..<test.documents {
            var (bytes, ends) = ([UInt8](), [Int32]())
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                let x = Double.random(in: 0..<1, using: &random)
                // Each document has a word of its own, so that hiding it takes the word away.
                bytes.append(contentsOf: (x < 0.05 ? "own\(number)" : "w\(Int(x * x * 40))").utf8)
                ends.append(Int32(bytes.count))
            }
            let terms = (0..<40 as Range<UInt32>).filter { _ in Double.random(in: 0..<1, using: &random) < 0.2 }
            let weights = terms.map { _ in Float(Int.random(in: 1...31, using: &random)) }
            let id = "d\(random.next() % 1_000_000)-\(number)"
            if !isLeftOut(number) {
                let document = IndexDocument(id: id, wordBytes: bytes, wordEnds: ends, terms: terms, weights: weights)
                try await writer.add([document])
            }
            if number % (test.documents / 3) == test.documents / 3 - 1 { try await writer.commit() }
        }
        return try await writer.commit().segments
    }

    private static func merged(_ views: [SegmentView], _ test: Case, in directory: String, number: Int) throws
        -> SegmentEntry
    {
        try SegmentMerge(views, profile: test.profile, reorder: test.reorder).write(
            to: directory, name: IndexFile.segment(named: number), permissions: nil)
    }

    @Test(arguments: cases) func leavesHiddenDocumentsOut(test: Case) async throws {
        let directories = [try TestPaths.temporaryDirectory(), try TestPaths.temporaryDirectory()]
        defer { for directory in directories { try? FileManager.default.removeItem(atPath: directory) } }
        let whole = try await Self.index(test, in: directories[0]) { _ in false }
        let part = try await Self.index(test, in: directories[1]) { !Self.isKept($0, test) }
        let views = whole.map { segment in
            SegmentView(
                segment: segment,
                documents: DocumentSet(documents: segment.documents) { docid in
                    Self.isKept(Int(segment.externalID(docid).split(separator: "-")[1]) ?? 0, test)
                })
        }
        let found = try Self.merged(views, test, in: directories[0], number: 90)
        let expected = try Self.merged(
            part.map { SegmentView(segment: $0, documents: nil) }, test, in: directories[1], number: 90)
        #expect(found == expected)
        let bytes = try directories.map { try Data(contentsOf: URL(fileURLWithPath: $0 + "/" + found.file)) }
        #expect(bytes[0] == bytes[1])
        #expect(found.documents == views.reduce(0) { $0 + $1.count })
        let joined = try Segment(directory: directories[0], entry: found)
        unsafe #expect(joined.lengths.elementsEqual(joined.wordCounts.map { LengthByte.encode(Int($0)) }))
    }

    /// The order of documents says nothing about what is in them: every list, decoded, is the one that was there.
    @Test func anotherOrderKeepsEveryPosting() async throws {
        let test = Case(seed: 77, documents: 2_400, hidden: 0, reorder: true)
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let parts = try await Self.index(test, in: directory) { _ in false }
        let entry = try Self.merged(
            parts.map { SegmentView(segment: $0, documents: nil) }, test, in: directory, number: 91)
        let joined = try Segment(directory: directory, entry: entry)
        #expect(entry.isReordered)
        func postings(_ segments: [Segment], _ field: Field) -> [String: [String: UInt32]] {
            var found: [String: [String: UInt32]] = [:]
            for segment in segments {
                guard let reader = segment.fields[field] else { continue }
                for term in 0..<reader.terms {
                    let name = unsafe String(decoding: reader.termUTF8(term), as: UTF8.self)
                    let list = reader.postings(ofTerm: term)
                    for (docid, value) in zip(list.docids, list.values) {
                        found[name, default: [:]][segment.externalID(docid)] = value
                    }
                }
            }
            return found
        }
        for field in Field.allCases { #expect(postings(parts, field) == postings([joined], field)) }
        #expect(Set((0..<2_400).map { joined.row($0) }).count == 2_400)
    }

    @Test func damageIsNotJoined() async throws {
        let test = Case(seed: 5, documents: 90, hidden: 0, reorder: false)
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let parts = try await Self.index(test, in: directory) { _ in false }
        let path = directory + "/" + parts[1].entry.file
        let place = (parts[1].file.tensors["text.postings"]?.offset ?? 0) + 5
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[place] ^= 4
        try bytes.write(to: URL(fileURLWithPath: path))
        // In so small a segment the page is one that opening reads.
        let merge = Result {
            let views = try parts.map {
                SegmentView(segment: try Segment(directory: directory, entry: $0.entry), documents: nil)
            }
            return try Self.merged(views, test, in: directory, number: 92)
        }
        let error = #expect(throws: IndexError.self) { try merge.get() }
        #expect(error?.description.contains(parts[1].entry.file) == true)
    }
}
