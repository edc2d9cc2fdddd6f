import ByteStrings

/// The grades of one query's ranking, in rank order, with what the measures need to know about the query.
struct JudgedRanking {
    /// The grade of a document that is not in the qrels.
    static let notInPool = -1
    /// The grade of a document that is in the qrels with a negative grade.
    static let unjudged = -2

    /// Grade by rank; ``notInPool`` and ``unjudged`` are negative, so they are relevant at no level.
    let grades: [Int]
    /// The same without documents that have no judgement.
    let judgedGrades: ArraySlice<Int>
    /// The positive grades of the qrels, highest first: the best ranking there is.
    let ideal: [Int]
    private let judged: [Int]

    init(_ ranking: [ScoredDocument], judgements: [ByteString: Int], needsJudged: Bool = true) {
        // Nearly all results are not judged: most of them are told by a bit, without hashing the whole id.
        var sieve = JudgedRanking.Sieve()
        for id in judgements.keys { sieve.insert(id.string) }
        let grades = ranking.map { document in
            guard sieve.mayContain(document.id), let grade = judgements[ByteString(document.id)] else {
                return JudgedRanking.notInPool
            }
            return grade < 0 ? JudgedRanking.unjudged : grade
        }
        self.grades = grades
        judgedGrades = needsJudged ? grades.filter { $0 >= 0 }[...] : []
        judged = judgements.values.filter { $0 >= 0 }
        ideal = judged.filter { $0 > 0 }.sorted(by: >)
    }

    /// The number of documents in the qrels with at least this grade.
    func relevant(at level: Int) -> Int { judged.count { $0 >= level } }

    /// The number of documents in the qrels that are judged, but below this grade.
    func notRelevant(at level: Int) -> Int { judged.count { $0 < level } }

    /// Says of most ids that are not in a small set that they are not.
    private struct Sieve {
        private var bits = [UInt64](repeating: 0, count: 64)

        mutating func insert(_ id: String) {
            let place = Sieve.place(id)
            bits[place >> 6] |= 1 << (place & 63)
        }

        func mayContain(_ id: String) -> Bool {
            let place = Sieve.place(id)
            return bits[place >> 6] >> (place & 63) & 1 == 1
        }

        /// Twelve bits of the length and the last four bytes, which differ most.
        private static func place(_ id: String) -> Int {
            var id = id
            return id.withUTF8 { bytes in
                var mixed = UInt32(truncatingIfNeeded: bytes.count)
                for index in max(0, bytes.count - 4)..<bytes.count {
                    // Safe: the index lies in the buffer, which lives as long as the call.
                    mixed = unsafe mixed &* 257 &+ UInt32(bytes[index])
                }
                return Int((mixed &* 0x9E37_79B1) >> 20)
            }
        }
    }
}
