import Apus
public import CApus
import LearnedEncoder

/// An encoder and its terms as C reads them.
@safe private final class OpenedEncoder: Sendable {
    let encoder: SparseEncoder
    private let bytes: [UInt8]
    private let ends: [Int64]
    nonisolated(unsafe) let vocabulary: apus_strings
    private nonisolated(unsafe) let kept: UnsafeMutableRawPointer

    init(_ encoder: SparseEncoder) {
        self.encoder = encoder
        var (bytes, ends) = ([UInt8](), [Int64]())
        for term in encoder.vocabulary {
            bytes += term.utf8
            ends.append(Int64(bytes.count))
        }
        (self.bytes, self.ends) = (bytes, ends)
        var block = unsafe Block(apus_strings.self, bytes: bytes.count + 8 * ends.count + 16)
        let (first, second) = unsafe (block.append(ends), block.append(bytes.map { CChar(bitPattern: $0) }))
        unsafe vocabulary = apus_strings(bytes: second, ends: first, count: Int64(ends.count))
        unsafe kept = UnsafeMutableRawPointer(block.head(apus_strings.self))
    }

    deinit { unsafe kept.deallocate() }
}

/// See `apus.h`.
@c @implementation
public func apus_encoder_open(
    _ model: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?, _ encoder: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(encoder, "encoder")
        let choice = try Models.choice(unsafe Call.string(model, "model"))
        var members = try unsafe OptionMembers(options, of: "apus_encoder_open")
        let length = try members.whole("max_length", atLeast: 8)
        let precision = try members.choice("precision", Precision.self) ?? .automatic
        try members.finish()
        guard let loaded = try choice?.load(maximumLength: length, precision: precision) else {
            throw Misuse(description: "'model' names no encoder. Give a model's folder, bundled or tiny.")
        }
        unsafe place.pointee = Handle.retaining(OpenedEncoder(loaded))
    }
}

/// See `apus.h`.
@c @implementation
public func apus_encoder_close(_ encoder: OpaquePointer?) { unsafe Handle.release(encoder, OpenedEncoder.self) }

/// See `apus.h`.
@c @implementation
public func apus_encoder_info(
    _ encoder: OpaquePointer?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(json, "json")
        let opened: OpenedEncoder = try unsafe Handle.object(encoder, "encoder")
        unsafe place.pointee = Call.text(try AnswerJSON.text(opened.encoder.description, pretty: false))
    }
}

/// See `apus.h`.
@c @implementation
public func apus_encoder_vocabulary(
    _ encoder: OpaquePointer?, _ vocabulary: UnsafeMutablePointer<apus_strings>?, _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(vocabulary, "vocabulary")
        let opened: OpenedEncoder = try unsafe Handle.object(encoder, "encoder")
        unsafe place.pointee = opened.vocabulary
    }
}

/// See `apus.h`.
@c @implementation
public func apus_encode(
    _ encoder: OpaquePointer?, _ texts: UnsafePointer<apus_strings>?, _ options: UnsafePointer<CChar>?,
    _ cancellation: OpaquePointer?, _ vectors: UnsafeMutablePointer<UnsafeMutablePointer<apus_matrix>?>?,
    _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(vectors, "vectors")
        let opened: OpenedEncoder = try unsafe Handle.object(encoder, "encoder")
        let strings = try unsafe Strings(texts, "texts")
        let work = try TextEncoding(opened.encoder, unsafe OptionMembers(options, of: "apus_encode"))
        let stop: Cancellation? = unsafe Handle.optional(cancellation)
        var found: [SparseVector] = []
        for first in stride(from: 0, to: strings.count, by: TextEncoding.portion) {
            if stop?.isCancelled ?? false { throw Cancelled() }
            var some: [String] = []
            for text in first..<min(strings.count, first + TextEncoding.portion) { some.append(try strings.text(text)) }
            found += try work.encode(some) { stop?.isCancelled ?? false }
        }
        unsafe place.pointee = block(found, columns: opened.encoder.vocabulary.count)
    }
}

/// See `apus.h`.
@c @implementation
public func apus_matrix_free(_ matrix: UnsafeMutablePointer<apus_matrix>?) { unsafe matrix?.deallocate() }

/// Vectors as compressed rows.
private func block(_ vectors: [SparseVector], columns: Int) -> UnsafeMutablePointer<apus_matrix> {
    let count = vectors.reduce(0) { $0 + $1.terms.count }
    var ends: [Int64] = []
    for vector in vectors { ends.append((ends.last ?? 0) + Int64(vector.terms.count)) }
    var block = unsafe Block(apus_matrix.self, bytes: 8 * ends.count + 8 * count + 64)
    let rows = unsafe block.append(ends)
    let (terms, weights) = unsafe (block.append(vectors.flatMap(\.terms)), block.append(vectors.flatMap(\.weights)))
    let head = unsafe block.head(apus_matrix.self)
    unsafe head.initialize(
        to: apus_matrix(
            rows: Int64(ends.count), columns: Int64(columns), ends: rows, terms: terms, weights: weights))
    return unsafe head
}

/// How texts are encoded.
private struct TextEncoding {
    /// Texts between two looks at whether to stop: about a second's work of one thread.
    static let portion = 64

    private let encoder: SparseEncoder
    /// The side of queries; nil for documents.
    private let side: QuerySide?
    private let passages: PassageSplit?
    private let threads: Int

    init(_ encoder: SparseEncoder, _ members: OptionMembers) throws {
        var members = members
        self.encoder = encoder
        let isQuery = try members.bool("query") ?? false
        let asked = try members.choice("query_side", QuerySide.self)
        side = isQuery ? asked ?? encoder.description.defaultQuerySide : nil
        passages = try BuildSettings.passages(&members)
        threads = try members.whole("threads", 1...1024) ?? 1
        try members.finish()
        guard !isQuery || passages == nil else {
            throw Misuse(description: "'passages' splits documents, not queries.")
        }
        guard isQuery || asked == nil else {
            throw Misuse(description: "'query_side' is of queries; say \"query\": true.")
        }
    }

    func encode(_ texts: [String], isCancelled: () -> Bool) throws -> [SparseVector] {
        if let side { return try encoder.encodeQueries(texts, side: side, threads: threads) }
        guard let passages else { return try encoder.encodeDocuments(texts, threads: threads) }
        let found = try encoder.encodeDocuments(texts, passages: passages, threads: threads, isCancelled: isCancelled)
        guard let found else { throw Cancelled() }
        return found
    }
}
