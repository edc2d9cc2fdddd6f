import Apus
import ApusTestSupport
import CorpusFormats
import Foundation
import RetrievalEvaluation
import Testing

/// Whole collections against figures that other engines published.
@Suite struct CollectionTests {
    /// Anserini's regression figures for the flat BM25 index of BEIR's SciFact: nDCG@10 .6789, R@100 .9253.
    @Test(.enabled(if: TestPaths.collection("scifact") != nil, "../shared/collections/scifact is missing"))
    func bm25OnSciFactEqualsAnserini() async throws {
        let collection = try #require(TestPaths.collection("scifact"))
        let directory = try TestPaths.temporaryDirectory() + "/index"
        var builder = IndexBuilder(directory: directory)
        (builder.model, builder.titleWeight) = (ModelChoice.none, 1)
        let report = try await builder.build(from: [collection])
        #expect(report.documents == 5183)
        var options = SearchOptions()
        options.hits = 100
        let batch = try SearchIndex(directory).search(Topics.read(collection + "/queries.tsv"), options, threads: 2)
        let qrels = try QrelsFile.read(collection + "/qrels.txt").qrels
        let measures = try Measure.list(parsing: "nDCG@10 R@100")
        let means = Evaluation(of: batch.run, against: qrels, measures: measures).means
        #expect(abs(means[0] - 0.6789) < 0.0005, "nDCG@10 \(means[0])")
        #expect(abs(means[1] - 0.9253) < 0.0005, "R@100 \(means[1])")
    }
}
