import CIFF
import InvertedIndex

/// The posting lists of a CIFF file as a source; the values are handed on as they are, so it says that they are frequencies.
struct CIFFPostings: PostingSource {
    /// What is learned of the lists while they are read.
    final class Findings {
        /// The largest value.
        var largest: UInt32 = 0
        /// Postings.
        var postings = 0
        /// Σ values of each document.
        var sums: [UInt32] = []
        /// What stopped the reading.
        var failure: CIFFError?
    }

    let field = Field.text
    let findings = Findings()
    private let reader: CIFFReader
    private let checksSums: Bool
    private let progress: (CIFFReader) -> Void
    private var room = CIFFList()

    /// - Parameter checksSums: Whether a list's values must add up to what the file says.
    init(_ reader: CIFFReader, checksSums: Bool, progress: @escaping (CIFFReader) -> Void) {
        (self.reader, self.checksSums, self.progress) = (reader, checksSums, progress)
    }

    mutating func next(_ list: inout PostingList) throws(IndexError) -> Bool {
        do throws(CIFFError) {
            guard try reader.nextList(&room) else { return false }
            if checksSums, room.sum != room.collectionFrequency {
                throw reader.malformed(
                    "the frequencies of '\(String(decoding: room.term, as: UTF8.self))' add up to \(room.sum), "
                        + "and it says \(room.collectionFrequency)")
            }
        } catch {
            findings.failure = error
            throw .unreadable(error.description)
        }
        (list.term, list.docids, list.values) = (room.term, room.docids, room.values)
        findings.postings += room.docids.count
        for (docid, value) in zip(room.docids, room.values) {
            findings.largest = max(findings.largest, value)
            if Int(docid) >= findings.sums.count {
                findings.sums.append(contentsOf: repeatElement(0, count: Int(docid) + 1 - findings.sums.count))
            }
            findings.sums[Int(docid)] &+= value
        }
        if reader.lists % 512 == 0 { progress(reader) }
        return true
    }
}
