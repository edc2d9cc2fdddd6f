import CorpusFormats
import SwiftProtobuf

/// Reads an index of the Common Index File Format from beginning to end, in pieces; nothing of it is held.
///
///     let reader = try CIFFReader(path: "index.ciff.gz")
///     var list = CIFFList()
///     while try reader.nextList(&list) { … }
///     while let document = try reader.nextDocument() { … }
///
/// What the format promises is checked on the way: lists and documents are as many as the header says, terms ascend by their bytes,
/// docids ascend and have a document, frequencies are positive, each list has as many postings as it says.
public final class CIFFReader {
    /// The first message.
    public let header: CIFFHeader
    /// Lists read.
    public private(set) var lists = 0
    /// Documents read.
    public private(set) var documents = 0

    private let messages: DelimitedMessages
    private var lastTerm: [UInt8] = []
    /// No document is smaller: its length, and an id of one byte with its tag and length.
    private static let smallestDocument = 4

    /// Opens a file and reads its header; `-` is standard input, gzip and zstd data are recognised.
    /// - Throws: ``CIFFError``.
    public init(path: String) throws(CIFFError) {
        messages = try DelimitedMessages(path: path)
        let wire: WireHeader = try Self.message(messages, "the header")
        guard wire.version == CIFFHeader.version else {
            throw messages.malformed("its version is \(wire.version), and \(CIFFHeader.version) is read here")
        }
        guard wire.numPostingsLists >= 0, wire.numDocs >= 0 else {
            throw messages.malformed("it counts \(wire.numPostingsLists) lists and \(wire.numDocs) documents")
        }
        header = CIFFHeader(wire)
        if let size = messages.dataBytes, header.documents * Self.smallestDocument > size {
            throw messages.malformed("it counts \(header.documents) documents, and the file has \(size) bytes")
        }
    }

    /// The file, or `-`.
    public var path: String { messages.path }
    /// Bytes read so far, before decompression.
    public var bytesRead: Int { messages.bytesRead }
    /// The size of the file, before decompression; nil for a pipe.
    public var totalBytes: Int? { messages.totalBytes }

    /// The next posting list.
    /// - Returns: Whether there was one.
    /// - Throws: ``CIFFError``.
    /// - Complexity: O(postings) time, about 8 bytes for each in memory.
    public func nextList(_ list: inout CIFFList) throws(CIFFError) -> Bool {
        guard lists < header.lists else { return false }
        try messages.begin("posting list \(lists + 1) of \(header.lists)")
        list.docids.removeAll(keepingCapacity: true)
        list.values.removeAll(keepingCapacity: true)
        var whole = WirePostingsList()
        var (docid, sum) = (Int64(-1), Int64(0))
        while let piece = try messages.piece() {
            let part: WirePostingsList = try parse(piece)
            if !part.term.isEmpty { whole.term = part.term }
            if part.df != 0 { whole.df = part.df }
            if part.cf != 0 { whole.cf = part.cf }
            for posting in part.postings {
                let gap = Int64(posting.docid)
                let isFirst = list.docids.isEmpty
                guard gap > 0 || isFirst && gap == 0 else {
                    throw messages.malformed(
                        "posting \(list.docids.count + 1) of '\(whole.term)' has the gap \(gap); docids must ascend")
                }
                docid = isFirst ? gap : docid + gap
                guard docid < header.documents else {
                    throw messages.malformed(
                        "posting \(list.docids.count + 1) of '\(whole.term)' is of document \(docid), "
                            + "and the header counts \(header.documents)")
                }
                guard posting.tf > 0 else {
                    throw messages.malformed(
                        "posting \(list.docids.count + 1) of '\(whole.term)' has the frequency \(posting.tf)")
                }
                list.docids.append(UInt32(docid))
                list.values.append(UInt32(posting.tf))
                sum += Int64(posting.tf)
            }
        }
        list.term = Array(whole.term.utf8)
        list.collectionFrequency = Int(whole.cf)
        guard whole.df == list.docids.count else {
            throw messages.malformed("'\(whole.term)' has \(list.docids.count) postings and says \(whole.df)")
        }
        guard !list.docids.isEmpty else { throw messages.malformed("'\(whole.term)' has no postings") }
        guard lists == 0 || lastTerm.lexicographicallyPrecedes(list.term) else {
            throw messages.malformed(
                "'\(whole.term)' stands behind '\(String(decoding: lastTerm, as: UTF8.self))'; terms must ascend by their bytes"
            )
        }
        list.sum = Int(sum)
        lastTerm = list.term
        lists += 1
        return true
    }

    /// The next document, in the order of docids; nil behind the last.
    /// - Throws: ``CIFFError``; also when something stands behind the last one.
    public func nextDocument() throws(CIFFError) -> CIFFDocument? {
        guard documents < header.documents else {
            try messages.finish()
            return nil
        }
        let wire: WireDocRecord = try Self.message(messages, "document \(documents + 1) of \(header.documents)")
        guard Int(wire.docid) == documents else {
            throw messages.malformed("it is document \(wire.docid), and \(documents) should follow")
        }
        guard wire.doclength >= 0 else { throw messages.malformed("its length is \(wire.doclength)") }
        let id = wire.collectionDocid
        guard !id.isEmpty,
            !id.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 0x20 || $0.value == 0x7F })
        else {
            throw messages.malformed(
                id.isEmpty
                    ? "document \(documents) has no id"
                    : "the id '\(id)' holds white space, which a run file cannot hold")
        }
        documents += 1
        return CIFFDocument(id: id, length: Int(wire.doclength))
    }

    /// An error about the message that was read last.
    public func malformed(_ detail: String) -> CIFFError { messages.malformed(detail) }

    private func parse<M: SwiftProtobuf.Message>(_ piece: ArraySlice<UInt8>) throws(CIFFError) -> M {
        try Self.parse(piece, messages)
    }

    private static func parse<M: SwiftProtobuf.Message>(
        _ piece: ArraySlice<UInt8>, _ messages: DelimitedMessages
    ) throws(CIFFError) -> M {
        do { return try M(serializedBytes: Array(piece)) } catch {
            throw messages.malformed("it is not what its fields should be (\(error))")
        }
    }

    /// A small message as a whole.
    private static func message<M: SwiftProtobuf.Message>(
        _ messages: DelimitedMessages, _ what: String
    ) throws(CIFFError) -> M {
        try messages.begin(what)
        var bytes: ArraySlice<UInt8> = []
        while let piece = try messages.piece() {
            bytes += piece
            guard bytes.count <= 1 << 20 else { throw messages.malformed("it is longer than \(what) can be") }
        }
        return try parse(bytes, messages)
    }
}

/// A posting list of a CIFF file; its arrays are used again for the next one.
public struct CIFFList: Sendable {
    /// UTF-8.
    public var term: [UInt8] = []
    /// Ascending from 0.
    public var docids: [UInt32] = []
    /// Frequencies or impacts, 1 and more.
    public var values: [UInt32] = []
    /// What the file says of the sum of the values.
    public var collectionFrequency = 0
    /// The sum of the values.
    public var sum = 0

    /// Nothing yet.
    public init() {}
}

/// A document of a CIFF file.
public struct CIFFDocument: Sendable, Equatable {
    /// Its id in the collection, without white space.
    public var id: String
    /// Its length in terms.
    public var length: Int

    /// A document.
    public init(id: String, length: Int) { (self.id, self.length) = (id, length) }
}
