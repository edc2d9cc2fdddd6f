import CorpusFormats
import InvertedIndex
import JSONScanning

/// Gives an index's documents back as JSON lines, as `apus index` reads them.
///
/// ```swift
/// try TextExport(of: SearchIndex("Indexes/mine")).write { line in print(line) }
/// ```
///
/// Ids, titles, texts and all other members are those that came in, byte for byte, in the order of the input where the index
/// was built in one go. A line that is indexed again gives the same stored document.
public struct TextExport {
    private let index: SearchIndex

    /// An export of the documents of the commit that the index answers from.
    public init(of index: SearchIndex) { self.index = index }

    /// Calls `body` with the line of each document that lives, without a line break.
    /// - Returns: How many there are.
    /// - Throws: `IndexError` when a text is not what was written; what `body` throws.
    /// - Complexity: O(bytes of texts) time, O(documents of a segment) memory.
    @discardableResult public func write(_ body: (String) throws -> Void) throws -> Int {
        var count = 0
        for view in index.snapshot.views {
            // Rows are in the order of the input, docids may not be.
            let docids = (0..<UInt32(view.segment.documents)).filter { view.documents?.contains($0) ?? true }
            for docid in docids.sorted(by: { view.segment.row(Int($0)) < view.segment.row(Int($1)) }) {
                let stored = try index.documents.text(of: view.segment, docid: Int(docid))
                try body(Self.line(view.segment.externalID(docid), stored))
                count += 1
            }
        }
        return count
    }

    private static func line(_ id: String, _ stored: StoredText) -> String {
        var line = "{\"_id\":" + JSONText.quoted(id)
        if !stored.title.isEmpty { line += ",\"title\":" + JSONText.quoted(stored.title) }
        line += ",\"text\":" + JSONText.quoted(stored.text)
        // The other members of the line, spelled as they came in.
        if let metadata = stored.metadata, metadata.utf8.count > 2 {
            line += "," + metadata.dropFirst()
        } else {
            line += "}"
        }
        return line
    }
}
