import ByteStrings
import InvertedIndex
import Synchronization

/// The documents of segments that filters let through, found once.
///
/// Segments never change, so a set stays true for every commit that holds its segment. Those used longest ago are forgotten first.
final class FilterCache: Sendable {
    private struct Key: Hashable {
        let file: ByteString
        let checksum: UInt32
        let filter: Filter
    }

    private struct State {
        var sets: [Key: (set: DocumentSet, used: Int)] = [:]
        var bytes = 0
        var uses = 0
        /// Files of texts that have been compared with their checksum.
        var verified: Set<ByteString> = []
    }

    /// Bytes that are kept.
    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int = 64 << 20) { self.limit = limit }

    /// The documents of each segment that a filter lets through, whether they live or not.
    /// - Throws: `IndexError`; damaged texts are never believed.
    func sets(_ filter: Filter, _ documents: DocumentStore) throws -> [DocumentSet] {
        try documents.snapshot.segments.map { try set(filter, $0, documents) }
    }

    private func set(_ filter: Filter, _ segment: Segment, _ documents: DocumentStore) throws -> DocumentSet {
        let key = Key(file: ByteString(segment.path), checksum: segment.entry.crc32c, filter: filter)
        // Held while the set is made: who asks for the same waits for it instead of making it twice.
        return try state.withLock { state in
            state.uses += 1
            if let known = state.sets[key]?.set {
                state.sets[key]?.used = state.uses
                return known
            }
            if let texts = segment.texts, state.verified.insert(ByteString(texts.path)).inserted {
                do { try segment.verifyTexts() } catch {
                    state.verified.remove(ByteString(texts.path))
                    throw error
                }
            }
            let set = try Self.make(filter, segment, documents)
            state.sets[key] = (set, state.uses)
            state.bytes += Self.bytes(set)
            while state.bytes > limit, let oldest = state.sets.min(by: { $0.value.used < $1.value.used }) {
                state.sets[oldest.key] = nil
                state.bytes -= Self.bytes(oldest.value.set)
            }
            return set
        }
    }

    private static func bytes(_ set: DocumentSet) -> Int { set.documents / 8 + 256 }

    private static func make(
        _ filter: Filter, _ segment: Segment, _ documents: DocumentStore
    ) throws -> DocumentSet {
        let count = segment.documents
        let tests = filter.tests
        let stored = tests.filter { $0.field != .id }
        var found = [RowSet](repeating: RowSet(rows: count), count: stored.count)
        if !stored.isEmpty, let file = try documents.file(of: segment) {
            found = try file.rows(of: stored, rows: count)
        }
        var rows = Dictionary(uniqueKeysWithValues: zip(stored, found))
        for test in tests where test.field == .id { rows[test] = identifiers(test, segment) }
        let whole = RowSet(rows: count, filter) { rows[$0] ?? RowSet(rows: count) }
        return DocumentSet(documents: count) { whole.contains(Int(segment.row(Int($0)))) }
    }

    /// Ids stand in the segment, not among the texts.
    private static func identifiers(_ test: Filter, _ segment: Segment) -> RowSet {
        var found = RowSet(rows: segment.documents)
        let asked = FilterTest(test)
        for docid in 0..<segment.documents {
            let id = ByteString(segment.externalID(UInt32(docid)))
            if asked.holds(for: .scalar(.text(id))) { found.insert(Int(segment.row(docid))) }
        }
        return found
    }
}
