import Apus
import ByteStrings
public import CApus
import CorpusFormats
import InvertedIndex

/// See `apus.h`.
@c @implementation
public func apus_batch_search(
    _ index: OpaquePointer?, _ texts: UnsafePointer<apus_strings>?, _ topics: UnsafePointer<apus_strings>?,
    _ vectors: UnsafePointer<apus_matrix>?, _ vocabulary: UnsafePointer<apus_strings>?, _ k: Int64,
    _ options: OpaquePointer?, _ threads: Int32, _ cancellation: OpaquePointer?,
    _ scores: UnsafeMutablePointer<Double>?,
    _ counts: UnsafeMutablePointer<Int64>?, _ batch: UnsafeMutablePointer<UnsafeMutablePointer<apus_batch>?>?,
    _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(batch, "batch")
        let opened: SearchIndex = try unsafe Handle.object(index, "index")
        let settings: SearchSettings = unsafe Handle.optional(options) ?? .usual
        guard k > 0 else { throw Misuse(description: "'k' must be at least 1, not \(k).") }
        guard threads > 0 else { throw Misuse(description: "'threads' must be at least 1, not \(threads).") }
        let queries = try unsafe Queries(texts, topics, vectors, vocabulary)
        let cells = try unsafe Cells(scores, counts, queries: queries.topics.count, k: Int(k))
        let stop: Cancellation? = unsafe Handle.optional(cancellation)
        let answered = try queries.answer(
            in: opened, settings.options(of: opened, hits: Int(k)), threads: Int(threads)
        ) { stop?.isCancelled ?? false }
        cells.write(answered.answers)
        unsafe place.pointee = batchBlock(answered)
    }
}

/// See `apus.h`.
@c @implementation
public func apus_batch_free(_ batch: UnsafeMutablePointer<apus_batch>?) { unsafe batch?.deallocate() }

/// The answers without their scores.
private func batchBlock(_ answered: Queries.Answered) -> UnsafeMutablePointer<apus_batch> {
    let ids = answered.answers.flatMap { $0.documents.map(\.id) }
    var notes: [String] = []
    for note in answered.answers.flatMap(\.notes) where !notes.contains(note) { notes.append(note) }
    let said = notes.joined(separator: "\n")
    let tag = answered.answers.first?.tag ?? "apus"
    var block = unsafe Block(apus_batch.self, bytes: Block.size(ids) + said.utf8.count + tag.utf8.count + 32)
    let names = unsafe block.append(terminated: ids)
    let head = unsafe block.head(apus_batch.self)
    unsafe head.initialize(
        to: apus_batch(
            ids: names.bytes, ids_length: Int64(names.count), tag: block.append(tag), notes: block.append(said),
            seconds: answered.seconds, inexact: Int64(answered.answers.count { !$0.isExact })))
    return unsafe head
}

/// What many queries ask.
private struct Queries {
    /// What was found.
    struct Answered {
        var answers: [SearchAnswer] = []
        var seconds = 0.0
    }

    let topics: [Topic]
    private var vectors: [ByteString: [QueryTerm]]?

    /// - Throws: ``Misuse``, also for topics or vectors that are not as many as the texts.
    init(
        _ texts: UnsafePointer<apus_strings>?, _ topics: UnsafePointer<apus_strings>?,
        _ vectors: UnsafePointer<apus_matrix>?, _ vocabulary: UnsafePointer<apus_strings>?
    ) throws(Misuse) {
        let texts = try unsafe Strings(texts, "texts")
        let names: Strings? = unsafe topics == nil ? nil : try unsafe Strings(topics, "topics")
        guard names.map({ $0.count == texts.count }) ?? true else {
            throw Misuse(
                description: "There are \(texts.count) texts and \(names?.count ?? 0) topics; give as many of each.")
        }
        var read: [Topic] = []
        for place in 0..<texts.count {
            read.append(Topic(id: try names?.text(place) ?? String(place), text: try texts.text(place)))
        }
        self.topics = read
        guard let vectors = unsafe vectors else { return }
        let matrix = try unsafe Matrix(vectors.pointee, vocabulary)
        guard matrix.rows == read.count else {
            throw Misuse(description: "There are \(read.count) texts and \(matrix.rows) vectors; give as many of each.")
        }
        var terms: [ByteString: [QueryTerm]] = [:]
        for (place, topic) in read.enumerated() {
            terms[ByteString(topic.id)] = try matrix.row(place).map { QueryTerm(term: $0.term, weight: $0.weight) }
        }
        self.vectors = terms
    }

    /// Queries between two looks at whether to stop: some milliseconds with an encoder, less without.
    private static let portion = 64

    /// - Throws: ``Cancelled``; what a search throws.
    func answer(
        in index: SearchIndex, _ options: SearchOptions, threads: Int, isCancelled: () -> Bool
    ) throws -> Answered {
        var answered = Answered()
        for first in stride(from: 0, to: topics.count, by: Self.portion) {
            if isCancelled() { throw Cancelled() }
            let some = Array(topics[first..<min(topics.count, first + Self.portion)])
            let batch = try index.search(some, vectors: vectors, options, threads: threads)
            answered.answers += batch.answers.map(\.answer)
            answered.seconds += batch.seconds
        }
        return answered
    }
}

/// The caller's arrays.
@safe private struct Cells {
    private let scores: UnsafeMutablePointer<Double>?
    private let counts: UnsafeMutablePointer<Int64>?
    private let k: Int

    /// - Throws: ``Misuse`` for NULL where something is to be written, and for more cells than memory has.
    init(
        _ scores: UnsafeMutablePointer<Double>?, _ counts: UnsafeMutablePointer<Int64>?, queries: Int, k: Int
    ) throws(Misuse) {
        guard unsafe queries == 0 || (scores != nil && counts != nil) else {
            throw Misuse(description: "'scores' or 'counts' is NULL, and the results of \(queries) queries go there.")
        }
        guard !queries.multipliedReportingOverflow(by: k * 8).overflow, k < 1 << 40 else {
            throw Misuse(description: "\(queries) queries times \(k) documents are more than memory has.")
        }
        unsafe (self.scores, self.counts) = unsafe (scores, counts)
        self.k = k
    }

    func write(_ answers: [SearchAnswer]) {
        guard let scores = unsafe scores, let counts = unsafe counts else { return }
        // Safe: the header asks for as many cells.
        for (row, answer) in answers.enumerated() {
            unsafe counts[row] = Int64(answer.documents.count)
            let cells = unsafe scores + row * k
            for (place, document) in answer.documents.enumerated() { unsafe cells[place] = document.score }
            for place in answer.documents.count..<max(k, answer.documents.count) { unsafe cells[place] = -.infinity }
        }
    }
}
