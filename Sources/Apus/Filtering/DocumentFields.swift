import ByteStrings
import CorpusFormats
import Foundation

/// Reads the fields that filters ask for out of a document's title and metadata.
struct DocumentFields {
    private var members: MetadataFields
    private let titles: [Int]

    /// The title's bytes are not needed without it.
    var needsTitle: Bool { !titles.isEmpty }

    init(_ paths: [MetadataPath]) {
        members = MetadataFields(paths.map(\.names))
        titles = paths.indices.filter { paths[$0] == .title }
    }

    /// The values of the paths in their order, nil where the document has none.
    mutating func values(title: Data?, metadata: Data?) -> [MetadataValue?] {
        // Safe: the span is used inside the closure only.
        var values = unsafe (metadata ?? Data()).withUnsafeBytes { bytes in
            unsafe members.values(in: Span(_unsafeBytes: bytes))
        }
        guard let title, !title.isEmpty else { return values }
        for place in titles { values[place] = .scalar(.text(ByteString(String(decoding: title, as: UTF8.self)))) }
        return values
    }
}
