import Apus
import HTTPTypes

/// Everything that a page shows, as it stands in its address.
///
/// The names are those of `/v1/{index}/search`, with `q` for the query, and two more: `mode=compare` for three columns, and `term=NAME:WEIGHT`, any number
/// of times, for learned terms of the query that are to weigh something else than the encoder says (0 leaves one out).
struct PageState: Sendable {
    /// What is shown.
    enum View: String, CaseIterable {
        case bm25, splade, hybrid, fused, compare
    }

    /// The query; empty before one is asked.
    var query = ""
    /// How many documents a column has.
    var hits = Self.usualHits
    /// What is shown; nil for what the index has best.
    var view: View?
    /// Of a document's page: the ranking that it was found by, where several were shown.
    var by: View?
    /// The filter, as typed.
    var filter = ""
    /// The learned side's weight, where it was moved.
    var weight: Double?
    /// Which side of the model reads the query, where it was chosen.
    var side: QuerySide?
    /// The weights that were moved, in the address' order.
    var moved: [QueryTerm] = []

    static let usualHits = 10
    /// More terms than any query has that a person reads.
    private static let mostMoved = 1000
    /// Larger weights lead nowhere.
    private static let largestWeight: Float = 1000

    /// - Throws: ``ServerError``.
    init(_ parameters: QueryParameters, _ limits: ServerOptions) throws(ServerError) {
        query = parameters["q"] ?? ""
        guard query.utf8.count <= limits.longestQuery else {
            throw ServerError(
                .badRequest, "The query has \(query.utf8.count) bytes; at most \(limits.longestQuery) are read.")
        }
        hits = try parameters.whole("hits", 1...limits.mostHits, or: min(Self.usualHits, limits.mostHits))
        (view, by) = (try Self.view("mode", parameters), try Self.view("by", parameters))
        filter = parameters["filter"] ?? ""
        weight = try parameters.number("weight", 0...1)
        side = try parameters.querySide()
        for text in parameters.all("term") {
            guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
                let weight = Float(text[text.index(after: colon)...]), (0...Self.largestWeight).contains(weight),
                moved.count < Self.mostMoved
            else {
                throw ServerError(
                    .badRequest,
                    "'term' must be NAME:WEIGHT with a weight from 0 to 1000, \(Self.mostMoved) times at most, not '\(text)'."
                )
            }
            moved.append(QueryTerm(term: String(text[..<colon]), weight: weight))
        }
    }

    private static func view(_ parameter: String, _ parameters: QueryParameters) throws(ServerError) -> View? {
        guard let name = parameters[parameter] else { return nil }
        guard let view = View(rawValue: name) else {
            let names = View.allCases.map(\.rawValue).joined(separator: ", ")
            throw ServerError(.badRequest, "'\(parameter)' must be one of \(names), not '\(name)'.")
        }
        return view
    }

    /// How a search of this mode runs.
    /// - Throws: `FilterError`.
    func options(_ mode: SearchMode) throws(FilterError) -> SearchOptions {
        var options = SearchOptions()
        (options.mode, options.hits, options.side) = (mode, hits, side)
        if !filter.allSatisfy(\.isWhitespace) { options.filter = try Filter(parsing: filter) }
        if let weight {
            options.fusedWeight = weight
            options.fusion = .minMax(weight: weight)
        }
        return options
    }

    /// What stands behind the question mark.
    /// - Parameters:
    ///   - id: A document's, for its page.
    ///   - by: The ranking that it was found by.
    func parameters(id: String? = nil, by: View? = nil) -> String {
        var pairs: [(String, String)] = []
        if let id { pairs.append(("id", id)) }
        if let by { pairs.append(("by", by.rawValue)) }
        if !query.isEmpty { pairs.append(("q", query)) }
        if let view { pairs.append(("mode", view.rawValue)) }
        if hits != Self.usualHits { pairs.append(("hits", "\(hits)")) }
        if !filter.isEmpty { pairs.append(("filter", filter)) }
        if let weight { pairs.append(("weight", "\(weight)")) }
        if let side { pairs.append(("query_side", side.rawValue)) }
        for term in moved { pairs.append(("term", "\(term.term):\(term.weight)")) }
        guard !pairs.isEmpty else { return "" }
        return "?" + pairs.map { "\($0.0)=\(Self.escaped($0.1))" }.joined(separator: "&")
    }

    /// The address of an index' page.
    static func path(_ index: String) -> String { "/\(escaped(index))/" }

    /// The address of a document's page.
    func path(_ index: String, document id: String, by: View?) -> String {
        "/\(Self.escaped(index))/_view" + parameters(id: id, by: by)
    }

    /// A text as a part of an address.
    private static func escaped(_ text: String) -> String {
        text.utf8.reduce(into: "") { escaped, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default: escaped += "%" + String(UInt(byte) + 0x100, radix: 16, uppercase: true).dropFirst()
            }
        }
    }
}
