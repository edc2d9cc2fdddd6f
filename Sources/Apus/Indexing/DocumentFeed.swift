public import CorpusFormats

/// Documents that a program hands to a build one by one, in place of a file's.
///
/// ```swift
/// var texts = ["d1": "Stars shine.", "d2": "Bread rises."].makeIterator()
/// let feed = DocumentFeed(name: "my texts") { texts.next().map { CorpusDocument(id: $0.key, text: $0.value) } }
/// try await IndexBuilder(directory: "Indexes/mine").build(from: feed)
/// ```
public struct DocumentFeed {
    /// What messages call it; a document's ``CorpusDocument/line`` is its place there.
    public let name: String
    /// The next document; nil at the end.
    let next: () throws -> CorpusDocument?

    /// - Parameters:
    ///   - name: What messages call it.
    ///   - next: The next document; nil at the end. What it throws ends the build.
    public init(name: String, next: @escaping () throws -> CorpusDocument?) { (self.name, self.next) = (name, next) }
}
