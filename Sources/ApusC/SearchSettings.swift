import Apus
import CApus
import InvertedIndex
import LearnedEncoder

/// How to search, read once and used for many queries.
final class SearchSettings: Sendable {
    private let options: SearchOptions
    private let k1: Float?
    private let b: Float?
    private let weight: Double?

    /// What stands in for NULL.
    static let usual = SearchSettings()

    private init() { (options, k1, b, weight) = (SearchOptions(), nil, nil, nil) }

    /// - Throws: ``Misuse``, `FilterError`.
    init(_ members: OptionMembers) throws {
        var members = members
        var options = SearchOptions()
        if let name = try members.string("mode") {
            guard let mode = SearchMode(rawValue: name) else {
                throw Misuse(description: "'mode' must be \(SearchMode.list(last: " or ")), not '\(name)'.")
            }
            options.mode = mode
        }
        options.filter = try members.string("filter").map { try Filter(parsing: $0) }
        options.boosts = try (members.strings("boosts") ?? []).map { try Boost(parsing: $0) }
        options.depth = try members.whole("depth", atLeast: 1) ?? options.depth
        options.idfPower = try members.number("idf_power", 0...2)
        options.side = try members.choice("query_side")
        options.feedback = try Self.feedback(members.string("feedback"))
        options.queryTerms = try members.whole("query_terms", atLeast: 1)
        options.ranges = try members.whole("ranges", atLeast: 1)
        options.deadline = try members.positive("deadline_ms").map { .seconds($0 / 1000) }
        options.traversal = try members.choice("traversal") ?? options.traversal
        options.threads = try members.whole("threads", 1...1024) ?? options.threads
        options.verify = try members.bool("verify") ?? false
        k1 = try members.number("k1", 0...1000).map { Float($0) }
        b = try members.number("b", 0...1).map { Float($0) }
        weight = try members.number("weight", 0...1)
        options.fusedWeight = weight ?? options.fusedWeight
        options.fusion = try Self.fusion(members.string("fusion"), weight)
        try members.finish()
        self.options = options
    }

    /// What was asked for, and the index where nothing was.
    func options(of index: SearchIndex, hits: Int) -> SearchOptions {
        var options = options
        options.hits = hits
        let own = index.settings.bm25
        if k1 != nil || b != nil { options.bm25 = BM25Parameters(k1: k1 ?? own.k1, b: b ?? own.b) }
        if options.fusion == nil, let weight {
            options.fusion = index.settings.fusion?.with(weight: weight) ?? .minMax(weight: weight)
        }
        return options
    }

    /// As `--fusion`: a weighted sum by its normalisation, or rrf.
    private static func fusion(_ name: String?, _ weight: Double?) throws(Misuse) -> Fusion? {
        guard let name else { return nil }
        if name == "rrf" { return .reciprocalRank(k: Fusion.usualConstant) }
        guard let scores = Fusion.Convex(rawValue: name) else {
            let names = Fusion.Convex.allCases.map(\.rawValue).joined(separator: ", ")
            throw Misuse(description: "'fusion' must be \(names) or rrf, not '\(name)'.")
        }
        return .convex(scores, weight: weight ?? SearchOptions.usualWeight)
    }

    private static func feedback(_ name: String?) throws(Misuse) -> Feedback? {
        switch name {
        case nil, "none": nil
        case "rm3": Feedback(words: .rm3)
        case "rocchio": Feedback(learned: .rocchio)
        case "learned-rm3": Feedback(learned: .rm3)
        case "both": Feedback(words: .rm3, learned: .rocchio)
        case let name?:
            throw Misuse(description: "'feedback' must be none, rm3, rocchio, learned-rm3 or both, not '\(name)'.")
        }
    }
}

/// See `apus.h`.
@c @implementation
public func apus_options_new(
    _ json: UnsafePointer<CChar>?, _ options: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPlace
) -> Int32 {
    unsafe Call.answering(error) {
        let place = try unsafe Call.place(options, "options")
        unsafe place.pointee = Handle.retaining(try SearchSettings(try unsafe OptionMembers(json, of: "a search")))
    }
}

/// See `apus.h`.
@c @implementation
public func apus_options_free(_ options: OpaquePointer?) { unsafe Handle.release(options, SearchSettings.self) }
