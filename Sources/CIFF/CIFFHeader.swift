import SwiftProtobuf

/// The first message of a CIFF file.
public struct CIFFHeader: Sendable, Equatable {
    /// The format's version.
    public static let version = 1

    /// Posting lists in the file.
    public var lists: Int
    /// Documents in the file.
    public var documents: Int
    /// Posting lists of the collection.
    public var totalLists: Int
    /// Documents of the collection.
    public var totalDocuments: Int
    /// Σ document lengths of the collection.
    public var totalTerms: Int
    /// The average document length.
    public var averageLength: Double
    /// For people: who wrote it, and how.
    public var description: String

    /// The header of a file that holds a whole collection.
    public init(lists: Int, documents: Int, totalTerms: Int, averageLength: Double, description: String) {
        (self.lists, self.documents, totalLists, totalDocuments) = (lists, documents, lists, documents)
        (self.totalTerms, self.averageLength, self.description) = (totalTerms, averageLength, description)
    }

    init(_ wire: WireHeader) {
        (lists, documents) = (Int(wire.numPostingsLists), Int(wire.numDocs))
        (totalLists, totalDocuments) = (Int(wire.totalPostingsLists), Int(wire.totalDocs))
        (totalTerms, averageLength) = (Int(wire.totalTermsInCollection), wire.averageDoclength)
        description = wire.description_p
    }

    var wire: WireHeader {
        WireHeader.with {
            $0.version = Int32(Self.version)
            ($0.numPostingsLists, $0.numDocs) = (Int32(clamping: lists), Int32(clamping: documents))
            ($0.totalPostingsLists, $0.totalDocs) = (Int32(clamping: totalLists), Int32(clamping: totalDocuments))
            ($0.totalTermsInCollection, $0.averageDoclength) = (Int64(totalTerms), averageLength)
            $0.description_p = description
        }
    }
}
