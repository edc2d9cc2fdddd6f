import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

/// What a segment says to skip its postings is held against them, even where every checksum holds.
@Suite struct DeepCheckTests {
    @Test func aSoundIndexHasNoFindings() async throws {
        for (seed, merged) in [(1, false), (2, true)] as [(UInt64, Bool)] {
            let index = try await RandomIndex(seed: seed, documents: 300, terms: 20, segments: 3, merged: merged)
            defer { try? FileManager.default.removeItem(atPath: index.directory) }
            let findings = try index.snapshot.deepCheck()
            #expect(findings.isEmpty)
        }
    }

    /// Each array made wrong on purpose, with checksums that hold. The first is what the finding must name.
    @Test(arguments: [
        "text.lengths", "text.words", "text.block.pairs", "text.block.last", "text.term.bytes", "learned.block.pairs",
        "learned.term.leaders", "learned.dense.maxima", "learned.frequent.masks", "learned.frequent.maxima",
        "learned.frequent.places", "learned.frequent.windows", "id.descending", "rows", "text.postings",
        "learned.postings",
        "id.bytes", "vectors.bytes",
    ])
    func aWrongArrayUnderRightChecksumsIsFoundByName(array: String) async throws {
        let index = try await RandomIndex(
            seed: 8, documents: 200, terms: 12, segments: 1, merged: true, storesVectors: true)
        defer { try? FileManager.default.removeItem(atPath: index.directory) }
        let file = try #require(index.snapshot.segments.first).entry.file
        var forged = try ForgedSegment(index.directory, file)
        let place = try #require(forged.tensors[array])
        switch array {
        case "text.lengths": forged.bytes[place.lowerBound] ^= 0x40
        // Two documents' numbers exchanged: their sum stays.
        case "text.words", "id.descending": forged.exchangeFirstDifferingWords(place)
        case "rows": forged.copyFirstWord(place)
        case "text.block.pairs", "learned.block.pairs", "learned.term.leaders": forged.bytes[place.lowerBound] = 0
        // The first term of the first document that has one.
        case "vectors.bytes": forged.bytes[place.lowerBound] ^= 1
        case "learned.frequent.masks", "learned.frequent.places": forged.bytes[place.lowerBound] ^= 1
        case "learned.dense.maxima", "learned.frequent.maxima", "learned.frequent.windows":
            for byte in place { forged.bytes[byte] = 0 }
        case "text.block.last": forged.bytes[place.lowerBound] ^= 1
        case "text.term.bytes": forged.bytes[place.lowerBound] = UInt8(ascii: "z")
        // Behind the two bytes of widths: gaps.
        case "learned.postings": for byte in 2..<6 { forged.bytes[place.lowerBound + byte] = 0 }
        case "text.postings": for byte in 2..<6 { forged.bytes[place.lowerBound + byte] ^= 0x55 }
        default: forged.bytes[place.lowerBound] = UInt8(ascii: " ")
        }
        try forged.write()
        let names = try IndexSnapshot.open(index.directory).deepCheck().map(\.array)
        // A wrong gap or last docid shows in whatever is compared with its docid.
        if array.hasSuffix(".postings") || array.hasSuffix(".block.last") {
            let field = array.prefix { $0 != "." }
            #expect(names.contains { $0.hasPrefix(field) }, "found \(names)")
        } else {
            #expect(names.contains(array), "found \(names)")
        }
    }

    /// A merge reads every list: one whose docids do not ascend must neither end the process nor be written anew.
    @Test(arguments: Field.allCases) func listsThatDoNotAscendAreNotMerged(field: Field) async throws {
        let index = try await RandomIndex(seed: 8, documents: 300, terms: 12, segments: 1)
        defer { try? FileManager.default.removeItem(atPath: index.directory) }
        let file = try #require(index.snapshot.segments.first).entry.file
        let sound = try ForgedSegment(index.directory, file)
        let place = try #require(sound.tensors[field.rawValue + ".postings"])
        var refused = 0
        for byte in stride(from: place.lowerBound, to: place.upperBound, by: max(1, place.count / 60)) {
            var forged = sound
            forged.bytes[byte] ^= 0x15
            try forged.write()
            do {
                var (source, list) = (try MergedPostings(try IndexSnapshot.open(index.directory), field), PostingList())
                while try source.next(&list) {
                    #expect(zip(list.docids, list.docids.dropFirst()).allSatisfy(<))
                    #expect(list.docids.allSatisfy { $0 < 300 })
                }
            } catch {
                if "\(error)".contains("do not ascend") { refused += 1 }
            }
        }
        #expect(refused > 0)
    }

    @Test func damagedBytesAreFoundWithTheirPlace() async throws {
        let index = try await RandomIndex(seed: 7, documents: 3_000, terms: 12, segments: 1, merged: true)
        defer { try? FileManager.default.removeItem(atPath: index.directory) }
        let file = try #require(index.snapshot.segments.first).entry.file
        var forged = try ForgedSegment(index.directory, file)
        let place = try #require(forged.tensors["text.postings"])
        // In the middle: on a page that holds nothing else.
        forged.bytes[(place.lowerBound + place.upperBound) / 2] ^= 1
        try forged.bytes.write(to: URL(fileURLWithPath: index.directory + "/" + file))
        let findings = try IndexSnapshot.open(index.directory).deepCheck()
        #expect(findings.count == 1)
        #expect(findings.first?.detail.contains("text.postings") == true)
    }
}

/// A segment's file to be changed and put back with checksums that hold: of its pages, their root in the commit, the commit's own.
private struct ForgedSegment {
    private let directory: String
    private let file: String
    private let root: UInt32
    var bytes: Data
    /// Where the tensors lie, as safetensors' header says.
    private(set) var tensors: [String: Range<Int>] = [:]
    private let covered: Int

    init(_ directory: String, _ file: String) throws {
        (self.directory, self.file) = (directory, file)
        bytes = try Data(contentsOf: URL(fileURLWithPath: directory + "/" + file))
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let head = try #require(JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any])
        for (name, tensor) in head {
            guard let ends = (tensor as? [String: Any])?["data_offsets"] as? [Int] else { continue }
            tensors[name] = 8 + length + ends[0]..<8 + length + ends[1]
        }
        covered = try #require(tensors["checksums"]).lowerBound
        root = Self.crc(bytes[covered...])
    }

    mutating func exchangeFirstDifferingWords(_ place: Range<Int>) {
        let first = place.lowerBound
        for next in stride(from: first + 4, to: place.upperBound, by: 4)
        where bytes[next..<next + 4] != bytes[first..<first + 4] {
            for byte in 0..<4 { bytes.swapAt(first + byte, next + byte) }
            return
        }
    }

    mutating func copyFirstWord(_ place: Range<Int>) {
        for byte in place.lowerBound..<place.lowerBound + 4 { bytes[byte + 4] = bytes[byte] }
    }

    mutating func write() throws {
        func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        for (page, start) in stride(from: 0, to: covered, by: 4096).enumerated() {
            let sum = word(Self.crc(bytes[start..<min(start + 4096, covered)]))
            bytes.replaceSubrange(covered + 4 * page..<covered + 4 * page + 4, with: sum)
        }
        try bytes.write(to: URL(fileURLWithPath: directory + "/" + file))
        let new = Self.crc(bytes[covered...])
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) where name.hasPrefix("commit-") {
            let path = URL(fileURLWithPath: directory + "/" + name)
            let text = try String(contentsOf: path, encoding: .utf8)
            let json = (text.split(separator: "\n").first ?? "").replacingOccurrences(
                of: "\"crc32c\":\(root),", with: "\"crc32c\":\(new),")
            let digits = String(Self.crc(Data(json.utf8)), radix: 16)
            let line = String(repeating: "0", count: 8 - digits.count) + digits
            try Data("\(json)\n\(line)\n".utf8).write(to: path)
        }
    }

    /// CRC-32C bit by bit, as RFC 3720 §12.1 defines it: nothing of the code under test.
    private static func crc(_ bytes: Data) -> UInt32 {
        var crc = ~UInt32(0)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
        return ~crc
    }
}
