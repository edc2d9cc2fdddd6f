import ApusTestSupport
import CApus
import Foundation
import Testing

/// What no call takes is a number and a sentence, and never the end of the process.
@Suite struct MisuseTests {
    private func failure(_ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32) -> Library.Failure? {
        do {
            try Library.call(body)
            return nil
        } catch { return error as? Library.Failure }
    }

    @Test func nullIsSaidByName() {
        var hits: UnsafeMutablePointer<apus_hits>?
        let search = failure { apus_search(nil, "x", 1, nil, 10, nil, &hits, $0) }
        #expect(
            search
                == .init(number: Int32(APUS_MISUSE), sentence: "'index' is NULL, and an open one is needed."))
        #expect(
            failure { apus_search(nil, "x", 1, nil, 10, nil, nil, $0) }?.sentence.contains("'hits' is NULL") == true)
        var index: OpaquePointer?
        #expect(failure { apus_index_open(nil, nil, &index, $0) }?.sentence.contains("'directory' is NULL") == true)
        #expect(apus_index_open(nil, nil, &index, nil) == Int32(APUS_MISUSE))
        var report: UnsafeMutablePointer<CChar>?
        let build = failure { apus_build("x", nil, nil, nil, nil, nil, nil, nil, &report, $0) }
        #expect(build?.sentence.contains("'paths' or 'next'") == true)
        apus_index_close(nil)
        apus_hits_free(nil)
        apus_matrix_free(nil)
        apus_batch_free(nil)
        apus_cancel(nil)
        apus_options_free(nil)
        apus_encoder_close(nil)
        apus_string_free(nil)
    }

    @Test(arguments: [
        (#"{"mod": "bm25"}"#, "no option 'mod'"), (#"{"mode": "best"}"#, "'mode' must be bm25"),
        (#"{"k1": "high"}"#, "'k1' must be a number"), ("[]", "no JSON object"),
        (#"{"depth": 0}"#, "at least 1, not 0"),
        (#"{"feedback": "much"}"#, "'feedback' must be"), (#"{"filter": "year >"}"#, "'year >' is wrong at column 7"),
    ])
    func optionsThatAreNoneAreNamed(json: String, part: String) {
        var options: OpaquePointer?
        let found = failure { apus_options_new(json, &options, $0) }
        #expect(found?.sentence.contains(part) == true, "\(found?.sentence ?? "nothing")")
        #expect(options == nil)
    }

    @Test func aMissingIndexIsSaidWithItsPath() {
        var index: OpaquePointer?
        let found = failure { apus_index_open("/nowhere/at/all", nil, &index, $0) }
        #expect(found?.number == Int32(APUS_FAILED))
        #expect(found?.sentence.contains("/nowhere/at/all") == true)
    }

    @Test func arraysThatDoNotFitAreRefused() {
        var json: UnsafeMutablePointer<CChar>?
        var strings = apus_strings(bytes: nil, ends: nil, count: -1)
        #expect(failure { apus_delete("x", &strings, nil, &json, $0) }?.sentence.contains("cannot be negative") == true)
        strings.count = 2
        #expect(failure { apus_delete("x", &strings, nil, &json, $0) }?.sentence.contains("is NULL, and 2") == true)
        let ends: [Int64] = [5, 3]
        let bytes: [CChar] = [65, 66, 67, 68, 69]
        ends.withUnsafeBufferPointer { ends in
            bytes.withUnsafeBufferPointer { bytes in
                strings = apus_strings(bytes: bytes.baseAddress, ends: ends.baseAddress, count: 2)
                let back = failure { apus_delete("x", &strings, nil, &json, $0) }
                #expect(back?.sentence.contains("before the one of its predecessor") == true)
            }
        }
        let wrong: [CChar] = [-1, -2]
        wrong.withUnsafeBufferPointer { wrong in
            [Int64(2)].withUnsafeBufferPointer { ends in
                strings = apus_strings(bytes: wrong.baseAddress, ends: ends.baseAddress, count: 1)
                #expect(failure { apus_delete("x", &strings, nil, &json, $0) }?.sentence.contains("not UTF-8") == true)
            }
        }
    }

    @Test func aCancelledCallSaysSo() throws {
        let stop = apus_cancellation_new()
        defer { apus_cancellation_free(stop) }
        apus_cancel(stop)
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        _ = try Library.build(directory + "/index", [#"{"_id": "a", "text": "word"}"#], options: #"{"model": "none"}"#)
        let index = try Library.open(directory + "/index")
        defer { apus_index_close(index) }
        var (scores, counts) = ([0.0], [Int64(0)])
        var batch: UnsafeMutablePointer<apus_batch>?
        let found = Library.withStrings(["word"]) { texts in
            failure { apus_batch_search(index, texts, nil, nil, nil, 1, nil, 1, stop, &scores, &counts, &batch, $0) }
        }
        #expect(found == .init(number: Int32(APUS_CANCELLED), sentence: "The call was cancelled."))
        #expect(batch == nil)
    }

    @Test func judgementsAndRunsAreMeasuredFromArrays() throws {
        let (ends, grades, scores): ([Int64], [Double], [Double]) = ([1, 2], [1, 1], [2, 1])
        let json = try Library.withStrings(["q1", "q2"]) { queries in
            try Library.withStrings(["d1", "d3"]) { documents in
                try ends.withUnsafeBufferPointer { ends in
                    try grades.withUnsafeBufferPointer { grades in
                        try scores.withUnsafeBufferPointer { scores in
                            var qrels = apus_rankings(
                                queries: queries.pointee, ends: ends.baseAddress, documents: documents.pointee,
                                values: grades.baseAddress)
                            var run = qrels
                            run.values = scores.baseAddress
                            return try Library.told {
                                apus_evaluate(nil, &qrels, nil, &run, #"{"measures": "AP nDCG@10"}"#, $0, $1)
                            }
                        }
                    }
                }
            }
        }
        #expect(json.contains("\"means\":[1,1]"), "\(json)")
    }
}
