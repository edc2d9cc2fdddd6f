import CorpusFormats
import SwiftProtobuf

/// Writes an index of the Common Index File Format: header, lists, documents, in this order.
///
/// Where it goes, and what a name that ends in `.gz` means, says `OutputFile`: a file appears whole or not at all.
public final class CIFFWriter {
    private let path: String
    private let header: CIFFHeader
    private let file: OutputFile
    private var lists = 0
    private var documents = 0
    /// Postings that are encoded together.
    private static let piece = 4096

    /// - Parameter header: Its numbers of lists and documents must come.
    /// - Throws: ``CIFFError``.
    public init(path: String, header: CIFFHeader) throws(CIFFError) {
        self.path = path
        self.header = header
        guard header.lists <= Int32.max, header.documents <= Int32.max else {
            throw .unwritable(path: path, detail: "the format counts to \(Int32.max)")
        }
        do throws(FormatError) { file = try OutputFile(path: path) } catch { throw .file(error) }
        try write([try encoded(header.wire)])
    }

    /// The next posting list, terms ascending by their bytes.
    /// - Throws: ``CIFFError``.
    public func append(term: [UInt8], docids: [UInt32], values: [UInt32]) throws(CIFFError) {
        lists += 1
        let cf = values.reduce(Int64(0)) { $0 + Int64($1) }
        var pieces = [
            try encoded(
                WirePostingsList.with {
                    $0.term = String(decoding: term, as: UTF8.self)
                    ($0.df, $0.cf) = (Int64(docids.count), cf)
                })
        ]
        var previous: UInt32 = 0
        for start in stride(from: 0, to: docids.count, by: Self.piece) {
            var part = WirePostingsList()
            part.postings.reserveCapacity(Self.piece)
            for place in start..<min(start + Self.piece, docids.count) {
                guard values[place] <= Int32.max else {
                    throw .unwritable(path: path, detail: "the frequency \(values[place]) is too large")
                }
                var posting = WirePosting()
                (posting.docid, posting.tf) = (Int32(docids[place] - previous), Int32(values[place]))
                previous = docids[place]
                part.postings.append(posting)
            }
            pieces.append(try encoded(part))
        }
        // Encodings one after another are the encoding of the whole list.
        try write(pieces)
    }

    /// The next document, in the order of docids.
    /// - Throws: ``CIFFError``.
    public func append(_ document: CIFFDocument) throws(CIFFError) {
        let docid = Int32(documents)
        documents += 1
        try write([
            try encoded(
                WireDocRecord.with {
                    ($0.docid, $0.collectionDocid) = (docid, document.id)
                    $0.doclength = Int32(clamping: document.length)
                })
        ])
    }

    /// Completes the file.
    /// - Throws: ``CIFFError``; also where other numbers of lists and documents came than the header says.
    public func close() throws(CIFFError) {
        guard lists == header.lists, documents == header.documents else {
            throw .unwritable(
                path: path,
                detail:
                    "\(lists) lists and \(documents) documents came, and the header says \(header.lists) and \(header.documents)"
            )
        }
        do throws(FormatError) { try file.close() } catch { throw .file(error) }
    }

    private func encoded(_ message: some SwiftProtobuf.Message) throws(CIFFError) -> [UInt8] {
        do { return try message.serializedBytes() } catch { throw .unwritable(path: path, detail: "\(error)") }
    }

    private func write(_ pieces: [[UInt8]]) throws(CIFFError) {
        var length = UInt64(pieces.reduce(0) { $0 + $1.count })
        var head: [UInt8] = []
        while length >= 0x80 {
            head.append(UInt8(truncatingIfNeeded: length) | 0x80)
            length >>= 7
        }
        head.append(UInt8(length))
        do throws(FormatError) {
            try file.write(head)
            for piece in pieces { try file.write(piece) }
        } catch { throw .file(error) }
    }
}
