import Apus
import FileStorage
import InvertedIndex

/// PISA: an index before compression. `inv.docs` and `inv.freqs` hold a list after the other, each with its length before it, `inv.sizes`
/// document lengths, `fwd.terms` and `fwd.documents` the names; terms are in the order of their bytes, as its lexicons want.
struct PISA {
    static let name = "pisa"
    private static let files = ["inv.docs", "inv.freqs", "inv.sizes", "fwd.terms", "fwd.documents"]

    let source: ExportSource

    /// Writes the files; each appears whole, the last one at the end.
    /// - Parameter each: Called with each list; throws to stop.
    /// - Throws: What `each` throws, `IndexError`, `StorageError`, ``ExchangeError/refused(receiver:detail:)``.
    func write(to directory: String, each: () throws -> Void) throws {
        if let term = source.vocabulary.terms.first(where: { $0.utf8.contains(0x0A) || $0.isEmpty }) {
            throw ExchangeError.refused(receiver: "PISA", detail: "the term '\(term)' holds a line break or nothing.")
        }
        var postings = try MergedPostings(source.index.snapshot, .learned)
        let files = try Self.files.map { try AtomicFile(path: directory + "/" + $0) }
        let count = UInt32(postings.count)
        var (list, sums) = (PostingList(), [UInt32](repeating: 0, count: postings.count))
        try files[0].write([1, count])
        while try postings.next(&list) {
            let head = [UInt32(list.docids.count)]
            try files[0].write(head + list.docids)
            try files[1].write(head + list.values)
            try files[3].write(list.term + [0x0A])
            try each()
            for (docid, value) in zip(list.docids, list.values) { sums[Int(docid)] &+= value }
        }
        try files[2].write([count] + sums)
        for docid in 0..<postings.count { try files[4].write(Array(postings.id(docid).utf8) + [0x0A]) }
        for file in files { try file.commit() }
    }

    /// Weights as words repeated, and what PyTerrier wants to know of the folder.
    func companions(_ golden: GoldenQueries) -> [(name: String, text: String)] {
        [
            (
                "pt_meta.json",
                "{\"type\":\"sparse_index\",\"format\":\"pisa\",\"package_hint\":\"pyterrier-pisa\",\"stemmer\":\"none\"}\n"
            ),
            ("queries.jsonl", golden.queries.map { "{\"id\":\($0.quotedID),\"vector\":\($0.object())}\n" }.joined()),
        ]
    }
}
