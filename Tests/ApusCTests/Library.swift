import CApus
import Foundation

/// libapus as a C program calls it, with what each call said.
enum Library {
    struct Failure: Error, Equatable {
        var number: Int32
        var sentence: String
    }

    /// Calls a function that may fail.
    static func call(_ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32) throws {
        var error: UnsafeMutablePointer<CChar>?
        let number = body(&error)
        let sentence = taken(error) ?? ""
        if number != Int32(APUS_OK) { throw Failure(number: number, sentence: sentence) }
    }

    /// Calls a function that answers with a text.
    static func told(
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>)
            -> Int32
    ) throws -> String {
        var text: UnsafeMutablePointer<CChar>?
        try call { body(&text, $0) }
        return taken(text) ?? ""
    }

    private static func taken(_ text: UnsafeMutablePointer<CChar>?) -> String? {
        defer { apus_string_free(text) }
        return text.map { String(cString: $0) }
    }

    static func open(_ path: String) throws -> OpaquePointer? {
        var index: OpaquePointer?
        try call { apus_index_open(path, nil, &index, $0) }
        return index
    }

    static func options(_ json: String) throws -> OpaquePointer? {
        var options: OpaquePointer?
        try call { apus_options_new(json, &options, $0) }
        return options
    }

    /// Ids and scores of an answer.
    static func search(
        _ index: OpaquePointer?, _ text: String, k: Int64 = 10, options: OpaquePointer? = nil
    ) throws -> [(id: String, score: Double)] {
        var hits: UnsafeMutablePointer<apus_hits>?
        try call { apus_search(index, text, Int64(text.utf8.count), nil, k, options, &hits, $0) }
        defer { apus_hits_free(hits) }
        guard let found = hits?.pointee else { return [] }
        return zip(texts(found.ids, found.ids_length), 0..<Int(found.count)).map { ($0, found.scores[$1]) }
    }

    /// Texts that end with a NUL each.
    static func texts(_ start: UnsafePointer<CChar>?, _ length: Int64) -> [String] {
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(length))
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Calls `body` with texts as C passes them.
    static func withStrings<Result>(_ texts: [String], _ body: (UnsafePointer<apus_strings>) throws -> Result) rethrows
        -> Result
    {
        let bytes = texts.flatMap { $0.utf8.map { CChar(bitPattern: $0) } }
        var ends: [Int64] = []
        for text in texts { ends.append((ends.last ?? 0) + Int64(text.utf8.count)) }
        return try bytes.withUnsafeBufferPointer { bytes in
            try ends.withUnsafeBufferPointer { ends in
                var strings = apus_strings(bytes: bytes.baseAddress, ends: ends.baseAddress, count: Int64(ends.count))
                return try body(&strings)
            }
        }
    }

    /// Builds from pieces of JSON lines that a C function gives; a piece of "stop" gives up.
    static func build(
        _ path: String, _ pieces: [String], options: String? = nil, vectors: UnsafePointer<apus_matrix>? = nil,
        vocabulary: UnsafePointer<apus_strings>? = nil, cancellation: OpaquePointer? = nil
    ) throws -> String {
        let source = Pieces(pieces)
        return try withExtendedLifetime(source) {
            try told { report, error in
                apus_build(
                    path, options, nil, Pieces.next, Unmanaged.passUnretained(source).toOpaque(), vectors, vocabulary,
                    cancellation, report, error)
            }
        }
    }
}

/// Pieces of JSON lines for ``apus_build``.
final class Pieces {
    private var waiting: ArraySlice<String>
    private var piece: [CChar] = []
    /// The threads that asked.
    private(set) var threads: Set<UInt> = []

    init(_ pieces: [String]) { waiting = pieces[...] }

    static let next: apus_next = { context, bytes, count in
        guard let context, let bytes, let count else { return -1 }
        let source = Unmanaged<Pieces>.fromOpaque(context).takeUnretainedValue()
        guard let piece = source.waiting.popFirst() else { return 2 }
        if piece == "stop" { return -1 }
        source.piece = piece.utf8.map { CChar(bitPattern: $0) }
        source.piece.withUnsafeBufferPointer { bytes.pointee = $0.baseAddress }
        count.pointee = Int64(source.piece.count)
        return 1
    }
}
