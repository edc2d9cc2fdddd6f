import Apus
import ApusBundledModel
import CApus
import LearnedEncoder

/// See `apus.h`.
@c @implementation
public func apus_index_open(
    _ directory: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
    _ index: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(index, "index")
        let path = try unsafe Call.string(directory, "directory")
        var members = try unsafe OptionMembers(options, of: "apus_index_open")
        let model = try Models.choice(members.string("model"))
        let (force, commit) = (try members.bool("force") ?? false, try members.whole("commit", atLeast: 0))
        try members.finish()
        unsafe place.pointee = Handle.retaining(try SearchIndex(path, commit: commit, model: model, force: force))
    }
}

/// See `apus.h`.
@c @implementation
public func apus_index_refresh(
    _ index: OpaquePointer?, _ newest: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(newest, "newest")
        let opened: SearchIndex = try unsafe Handle.object(index, "index")
        unsafe place.pointee = Handle.retaining(try opened.refresh())
    }
}

/// See `apus.h`.
@c @implementation
public func apus_index_info(
    _ index: OpaquePointer?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(json, "json")
        let opened: SearchIndex = try unsafe Handle.object(index, "index")
        unsafe place.pointee = Call.text(try AnswerJSON.text(IndexInfo(opened), pretty: false))
    }
}

/// See `apus.h`.
@c @implementation
public func apus_index_close(_ index: OpaquePointer?) { unsafe Handle.release(index, SearchIndex.self) }

/// What an index is, for whoever opened it.
private struct IndexInfo: Encodable {
    let directory: String
    let documents: Int
    let commit: Int
    let segments: Int
    let model: String
    let analyzer: String
    let mode: String
    let notes: [String]

    init(_ index: SearchIndex) {
        (directory, notes) = (index.directory, index.notes)
        documents = index.snapshot.documentCount
        (commit, segments) = (index.snapshot.generation, index.snapshot.segmentCount)
        (model, analyzer) = (index.settings.modelName, index.settings.analyzer.rawValue)
        mode = index.hasLearned ? SearchMode.hybrid.rawValue : SearchMode.bm25.rawValue
    }
}

/// Models by name.
enum Models {
    private static let bundled: Void = BundledModel.register()

    /// - Throws: `ModelChoice.Misuse`.
    static func choice(_ name: String?, allowsNone: Bool = false) throws -> ModelChoice? {
        bundled
        return try name.map { try ModelChoice.parse($0, allowsNone: allowsNone) }
    }
}
