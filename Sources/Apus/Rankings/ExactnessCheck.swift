import ByteStrings
import InvertedIndex

/// What `--verify` does: holds a traversal's result, and what its certificate claims, against exhaustive scoring.
struct ExactnessCheck {
    /// The query, for the message.
    let query: String

    /// - Throws: ``ApusError/notExact(query:traversal:detail:)`` with the first difference.
    func compare(_ result: SearchResult, with oracle: SearchResult) throws {
        let certificate = result.certificate
        func fail(_ detail: String) -> ApusError {
            .notExact(query: query, traversal: certificate.traversal.rawValue, detail: detail)
        }
        if certificate.mode == .exact, !certificate.isExact { throw fail("its certificate does not prove it exact") }
        if let bound = certificate.unscoredBound, !certificate.isExact {
            // Whatever scores above the bound was scored, so it leads the hits.
            let above = oracle.hits.prefix { $0.rawScore > bound }.count
            guard above == certificate.exactHits else {
                throw fail("\(above) of the best score above its bound, its certificate says \(certificate.exactHits)")
            }
        }
        let proved = certificate.isExact ? max(result.hits.count, oracle.hits.count) : certificate.exactHits
        for index in 0..<proved {
            let found = index < result.hits.count ? result.hits[index] : nil
            let expected = index < oracle.hits.count ? oracle.hits[index] : nil
            guard found.map({ ByteString($0.id) }) == expected.map({ ByteString($0.id) }),
                found?.rawScore == expected?.rawScore
            else {
                throw fail(
                    "rank \(index + 1) is \(found?.id ?? "nothing"), exhaustive scoring says \(expected?.id ?? "nothing")"
                )
            }
        }
    }
}
