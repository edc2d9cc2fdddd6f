import Apus
public import CApus
import CorpusFormats

/// See `apus.h`.
@c @implementation
public func apus_build(
    _ directory: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?, _ paths: UnsafePointer<apus_strings>?,
    _ next: apus_next?, _ context: UnsafeMutableRawPointer?, _ vectors: UnsafePointer<apus_matrix>?,
    _ vocabulary: UnsafePointer<apus_strings>?, _ cancellation: OpaquePointer?,
    _ report: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(report, "report")
        let folder = try unsafe Call.string(directory, "directory")
        let members = try unsafe OptionMembers(options, of: "apus_build")
        guard unsafe (paths == nil) != (next == nil) else {
            throw Misuse(description: "Give either 'paths' or 'next'.")
        }
        let builder = try BuildSettings(folder, members, fromCaller: unsafe next != nil).builder
        let names = unsafe try paths.map { paths throws(Misuse) in try unsafe Strings(paths, "paths").all() }
        let stop: Cancellation? = unsafe Handle.optional(cancellation)
        let isCancelled = { stop?.isCancelled ?? false }
        var source: CallerDocuments?
        if let next = unsafe next {
            source = try unsafe CallerDocuments(
                next, context, vectors, vocabulary, isVectors: builder.importsVectors)
        }
        let feed = source?.feed
        let done: BuildReport
        do {
            done = try CallingThread.run {
                if let feed { return try await builder.build(from: feed, isCancelled: isCancelled) }
                return try await builder.build(from: names ?? [], isCancelled: isCancelled)
            }
        } catch {
            // What the caller's function met is the caller's to tell.
            throw source?.gaveUp == true ? Cancelled() : error
        }
        unsafe place.pointee = Call.text(try AnswerJSON.text(done, pretty: false))
    }
}

/// See `apus.h`.
@c @implementation
public func apus_delete(
    _ directory: UnsafePointer<CChar>?, _ ids: UnsafePointer<apus_strings>?, _ options: UnsafePointer<CChar>?,
    _ report: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(report, "report")
        let folder = try unsafe Call.string(directory, "directory")
        var deletion = DocumentDeletion(of: try unsafe Strings(ids, "ids").all())
        var members = try unsafe OptionMembers(options, of: "apus_delete")
        deletion.isStrict = try members.bool("strict") ?? false
        deletion.filter = try members.string("filter").map { try Filter(parsing: $0) }
        try members.finish()
        let wanted = deletion
        let done = try CallingThread.run { try await wanted.run(folder) }
        unsafe place.pointee = Call.text(try AnswerJSON.text(done, pretty: false))
    }
}

/// The documents that a caller's function gives.
@safe private final class CallerDocuments {
    /// Whether the caller's function said that it gives up.
    private(set) var gaveUp = false
    private let next: apus_next
    private let context: UnsafeMutableRawPointer?
    private let matrix: Matrix?
    private let isVectors: Bool
    private static let name = "documents"

    /// - Throws: ``Misuse`` for a matrix that is none.
    init(
        _ next: apus_next, _ context: UnsafeMutableRawPointer?, _ vectors: UnsafePointer<apus_matrix>?,
        _ vocabulary: UnsafePointer<apus_strings>?, isVectors: Bool
    ) throws(Misuse) {
        unsafe (self.next, self.context) = unsafe (next, context)
        matrix = unsafe try vectors.map { vectors throws(Misuse) in try unsafe Matrix(vectors.pointee, vocabulary) }
        guard matrix == nil || isVectors else {
            throw Misuse(description: "'vectors' are given; say so with the option \"vectors\": true.")
        }
        self.isVectors = isVectors
    }

    /// What a build reads.
    var feed: DocumentFeed {
        let pieces = { () throws(FormatError) -> [UInt8]? in try self.piece() }
        if isVectors, matrix == nil {
            let reader = VectorReader(name: Self.name, pieces: pieces)
            return DocumentFeed(name: Self.name) {
                try reader.next().map { CorpusDocument($0, path: Self.name) }
            }
        }
        let reader = CorpusReader(name: Self.name, pieces: pieces)
        guard let matrix else { return DocumentFeed(name: Self.name) { try reader.next() } }
        var row = 0
        return DocumentFeed(name: Self.name) {
            guard var document = try reader.next() else {
                guard row == matrix.rows else {
                    throw Misuse(
                        description: "There are \(row) documents and \(matrix.rows) vectors; give as many of each.")
                }
                return nil
            }
            guard row < matrix.rows else {
                throw Misuse(
                    description: "There are more documents than vectors, \(matrix.rows); give as many of each.")
            }
            document.vector = try matrix.row(row)
            row += 1
            return document
        }
    }

    private func piece() throws(FormatError) -> [UInt8]? {
        var bytes: UnsafePointer<CChar>?
        var count: Int64 = 0
        switch unsafe next(context, &bytes, &count) {
        case 2: return nil
        case 1:
            guard count >= 0, let bytes = unsafe bytes else { return [] }
            // Safe: the header asks for as many bytes.
            return unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(count)))
        default:
            gaveUp = true
            throw .io(path: Self.name, operation: "read", code: 125)
        }
    }
}
