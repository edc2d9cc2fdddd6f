import Apus
public import CApus
import InvertedIndex

/// See `apus.h`.
@c @implementation
public func apus_search(
    _ index: OpaquePointer?, _ text: UnsafePointer<CChar>?, _ length: Int64, _ vector: UnsafePointer<apus_vector>?,
    _ k: Int64, _ options: OpaquePointer?, _ hits: UnsafeMutablePointer<UnsafeMutablePointer<apus_hits>?>?,
    _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(hits, "hits")
        let opened: SearchIndex = try unsafe Handle.object(index, "index")
        let settings: SearchSettings = unsafe Handle.optional(options) ?? .usual
        guard k > 0 else { throw Misuse(description: "'k' must be at least 1, not \(k).") }
        let query = try unsafe Call.string(text, length, "text")
        let terms = try unsafe vector.map { vector throws(Misuse) in try unsafe QueryTerms.read(vector.pointee) }
        let answer = try opened.search(query, vector: terms, settings.options(of: opened, hits: Int(k)))
        unsafe place.pointee = Answers.block(answer)
    }
}

/// See `apus.h`.
@c @implementation
public func apus_hits_free(_ hits: UnsafeMutablePointer<apus_hits>?) { unsafe hits?.deallocate() }

/// See `apus.h`.
@c @implementation
public func apus_documents(
    _ index: OpaquePointer?, _ ids: UnsafePointer<apus_strings>?,
    _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(json, "json")
        let opened: SearchIndex = try unsafe Handle.object(index, "index")
        let names = try unsafe Strings(ids, "ids").all()
        let found = try opened.documents.documents(names)
        let documents = names.compactMap { found[ByteString($0)] }
        unsafe place.pointee = Call.text(try AnswerJSON.text(documents, pretty: false))
    }
}

/// See `apus.h`.
@c @implementation
public func apus_explain(
    _ index: OpaquePointer?, _ text: UnsafePointer<CChar>?, _ length: Int64, _ document: UnsafePointer<CChar>?,
    _ options: OpaquePointer?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(json, "json")
        let opened: SearchIndex = try unsafe Handle.object(index, "index")
        let settings: SearchSettings = unsafe Handle.optional(options) ?? .usual
        let query = try unsafe Call.string(text, length, "text")
        let id = try unsafe Call.string(document, "document")
        let found = try opened.explain(query, document: id, settings.options(of: opened, hits: 10))
        unsafe place.pointee = Call.text(try AnswerJSON.text(ExplainedScore(found), pretty: false))
    }
}

/// An explanation as JSON.
private struct ExplainedScore: Encodable {
    let mode: String
    let score: Double
    let notes: [String]
    let fields: [FieldExplanation]

    init(_ explanation: ScoreExplanation) {
        (mode, score) = (explanation.mode.rawValue, explanation.score)
        (notes, fields) = (explanation.notes, explanation.fields)
    }
}

/// Learned queries that a caller brings.
enum QueryTerms {
    /// - Throws: ``Misuse`` for NULL, and for a weight that is negative or no number.
    static func read(_ vector: apus_vector) throws(Misuse) -> [QueryTerm] {
        let terms = try unsafe Strings(vector.terms, "terms of the query")
        let weights = try unsafe Call.values(vector.weights, Int64(terms.count), "weights of the query")
        var query: [QueryTerm] = []
        for place in 0..<terms.count {
            let (term, weight) = (try terms.text(place), unsafe weights[place])
            guard weight >= 0, weight.isFinite else {
                throw Misuse(description: "The query gives '\(term)' the weight \(weight); give numbers of at least 0.")
            }
            if weight > 0 { query.append(QueryTerm(term: term, weight: weight)) }
        }
        return query
    }
}

/// Answers as C reads them.
enum Answers {
    static func block(_ answer: SearchAnswer) -> UnsafeMutablePointer<apus_hits> {
        let ids = answer.documents.map(\.id)
        let notes = answer.notes.joined(separator: "\n")
        let bytes = 8 * ids.count + Block.size(ids) + answer.tag.utf8.count + notes.utf8.count + 32
        var block = unsafe Block(apus_hits.self, bytes: bytes)
        let scores = unsafe block.append(answer.documents.map(\.score))
        let names = unsafe block.append(terminated: ids)
        let head = unsafe block.head(apus_hits.self)
        unsafe head.initialize(
            to: apus_hits(
                count: Int64(ids.count), scores: scores, ids: names.bytes, ids_length: Int64(names.count),
                tag: block.append(answer.tag), notes: block.append(notes), exact: answer.isExact))
        return unsafe head
    }
}
