import ApusTestSupport
import CorpusFormats
import Foundation
import RetrievalEvaluation
import Testing

/// The shared collections, whose counts stand in their SOURCE.md.
@Suite(.enabled(if: TestPaths.collection("scifact") != nil, "the shared collections are not beside this checkout"))
struct SharedCollectionTests {
    @Test(arguments: [("scifact", 5183, 300, 339), ("cranfield", 1400, 225, nil), ("adi", 82, 35, nil)])
    func everyRecordIsRead(name: String, documents: Int, topics: Int, judgements: Int?) throws {
        let folder = try #require(TestPaths.collection(name))
        let layout = BEIRFolder(path: folder)
        let reader = try CorpusReader(path: folder)
        var seen = DuplicateIDs()
        while let document = try reader.next() {
            try seen.insert(document.id, path: reader.currentPath, line: document.line)
        }
        #expect(reader.format == .beir)
        #expect(seen.count == documents)
        #expect(reader.bytesRead == reader.totalBytes)
        let read = try Topics.read(#require(layout.queries))
        #expect(read.count == topics)
        let (qrels, format) = try QrelsFile.read(#require(layout.qrels))
        #expect(format == .trec)
        if let judgements { #expect(qrels.count == judgements) }
    }
}
