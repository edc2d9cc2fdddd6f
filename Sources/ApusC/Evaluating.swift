import Apus
import ByteStrings
public import CApus
import CApusStarter
import CorpusFormats
import FileStorage
import RetrievalEvaluation

/// See `apus.h`.
@c @implementation
public func apus_evaluate(
    _ qrelsPath: UnsafePointer<CChar>?, _ qrels: UnsafePointer<apus_rankings>?, _ runPath: UnsafePointer<CChar>?,
    _ run: UnsafePointer<apus_rankings>?, _ options: UnsafePointer<CChar>?,
    _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(json, "json")
        let settings = try MeasureSettings(unsafe OptionMembers(options, of: "apus_evaluate"))
        guard unsafe (qrelsPath == nil) != (qrels == nil), unsafe (runPath == nil) != (run == nil) else {
            throw Misuse(description: "Give 'qrels_path' or 'qrels', and 'run_path' or 'run'.")
        }
        let judgements: Qrels
        if let qrels = unsafe qrels {
            judgements = try unsafe Lists(qrels.pointee, "qrels").qrels(threshold: settings.threshold)
        } else {
            let path = try unsafe Call.string(qrelsPath, "qrels_path")
            judgements = try QrelsFile.contents(path, threshold: settings.threshold).qrels
        }
        let measured: Run
        if let run = unsafe run {
            measured = try unsafe Lists(run.pointee, "run").run()
        } else {
            measured = try RunFile.read(unsafe Call.string(runPath, "run_path"))
        }
        unsafe place.pointee = Call.text(try AnswerJSON.text(settings.measure(measured, judgements), pretty: false))
    }
}

/// See `apus.h`.
@c @implementation
public func apus_topics(
    _ path: UnsafePointer<CChar>?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(json, "json")
        let topics = try Topics.read(unsafe Call.string(path, "path"))
        unsafe place.pointee = Call.text(try AnswerJSON.text(topics.map { [$0.id, $0.text] }, pretty: false))
    }
}

/// See `apus.h`.
@c @implementation
public func apus_starter(_ folder: UnsafePointer<CChar>?, _ error: ErrorPlace) -> Int32 {
    unsafe Call.answering(error) {
        let path = try unsafe Call.string(folder, "folder")
        var count = 0
        // Safe: the table and everything it points to are constants of the library.
        guard let files = unsafe apus_starter_files(&count) else { return }
        try Directory.create(path + "/qrels")
        for place in 0..<count {
            let file = unsafe files[place]
            let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: file.bytes, count: file.count))
            try AtomicFile.write(bytes, to: path + "/" + (unsafe String(cString: file.name)))
        }
    }
}

/// What is measured.
private struct MeasureSettings {
    let threshold: Double?
    private let measures: [Measure]
    private let perQuery: Bool
    private let ignoresIdentical: Bool
    private let answeredOnly: Bool

    /// - Throws: ``Misuse``, `EvaluationError`.
    init(_ members: OptionMembers) throws {
        var members = members
        let names = try members.string("measures") ?? "nDCG@10 RR@10 AP R@100"
        threshold = try members.number("grade_threshold", -1e9...1e9)
        perQuery = try members.bool("per_query") ?? false
        ignoresIdentical = try members.bool("ignore_identical_ids") ?? false
        answeredOnly = try members.bool("answered_only") ?? false
        let judgedOnly = try members.bool("judged_only") ?? false
        try members.finish()
        let named = try Measure.list(parsing: names)
        measures = judgedOnly ? named.map(\.ofJudgedDocuments) : named
    }

    func measure(_ run: Run, _ qrels: Qrels) throws -> Measured {
        let evaluation = Evaluation(
            of: ignoresIdentical ? run.removingDocumentsNamedAsTheirQuery() : run, against: qrels, measures: measures,
            averaging: answeredOnly ? .answered : .judged)
        if evaluation.sharesNoQuery, !evaluation.unjudgedQueries.isEmpty {
            throw EvaluationError.noSharedQuery(
                path: "run", queries: evaluation.unjudgedQueries.map(\.string), qrels: "qrels",
                judged: evaluation.judgedQueries.map(\.string))
        }
        var own: [(String, [Double])]?
        if perQuery { own = evaluation.judgedQueries.map { ($0.string, evaluation.perQuery[$0] ?? []) } }
        return Measured(
            measures: measures.map { "\($0)" }, means: evaluation.means, queries: own?.map(\.0),
            values: own?.map(\.1))
    }
}

/// The values as JSON.
private struct Measured: Encodable {
    let measures: [String]
    let means: [Double]
    let queries: [String]?
    let values: [[Double]]?
}

/// Judgements or a run that a caller passes.
@safe private struct Lists {
    private let queries: Strings
    private let ends: UnsafeBufferPointer<Int64>
    private let documents: Strings
    private let values: UnsafeBufferPointer<Double>
    private let name: String

    /// - Throws: ``Misuse`` for arrays that do not fit together.
    init(_ lists: apus_rankings, _ name: String) throws(Misuse) {
        self.name = name
        queries = try unsafe Strings(lists.queries, "queries of \(name)")
        unsafe ends = try unsafe Call.values(lists.ends, Int64(queries.count), "ends of \(name)")
        try unsafe Ends.check(ends, name)
        documents = try unsafe Strings(lists.documents, "documents of \(name)")
        let count = unsafe ends.last ?? 0
        guard count == Int64(documents.count) else {
            throw Misuse(description: "'\(name)' has \(documents.count) documents, and its last end is \(count).")
        }
        unsafe values = try unsafe Call.values(lists.values, count, "values of \(name)")
    }

    private func each(_ body: (ByteString, Range<Int>) throws -> Void) throws {
        var first = 0
        for place in 0..<queries.count {
            let end = unsafe Int(ends[place])
            try body(ByteString(queries.text(place)), first..<end)
            first = end
        }
    }

    /// - Throws: ``Misuse`` for a document that stands twice in a list, and for a grade that is no whole number without a threshold.
    func qrels(threshold: Double?) throws -> Qrels {
        var grades: [ByteString: [ByteString: Int]] = [:]
        try each { query, range in
            var own: [ByteString: Int] = grades[query] ?? [:]
            for place in range {
                let (id, value) = (try documents.text(place), unsafe values[place])
                guard let grade = threshold.map({ value >= $0 ? 1 : 0 }) ?? Int(exactly: value) else {
                    throw Misuse(
                        description:
                            "The grade \(value) of '\(id)' for query '\(query)' is no whole number; give a grade_threshold."
                    )
                }
                try insist(own.updateValue(grade, forKey: ByteString(id)) == nil, id, query)
            }
            grades[query] = own
        }
        return Qrels(grades: grades)
    }

    /// - Throws: ``Misuse`` for a document that stands twice in a list.
    func run() throws -> Run {
        var rankings: [ByteString: [ScoredDocument]] = [:]
        try each { query, range in
            var seen = Set<ByteString>()
            var own: [ScoredDocument] = []
            for place in range {
                let id = try documents.text(place)
                try insist(seen.insert(ByteString(id)).inserted, id, query)
                own.append(ScoredDocument(id: id, score: unsafe values[place]))
            }
            guard rankings.updateValue(own, forKey: query) == nil else {
                throw Misuse(description: "'\(name)' has two lists for query '\(query)'.")
            }
        }
        return Run(tag: name, rankings: rankings)
    }

    private func insist(_ isNew: Bool, _ id: String, _ query: ByteString) throws(Misuse) {
        guard isNew else {
            throw Misuse(
                description: "'\(name)' lists the document '\(id)' twice for query '\(query)'. Keep one of them.")
        }
    }
}
