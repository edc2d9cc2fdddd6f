/// Receivers that know terms by numbers: the line of `vocabulary.txt`, counted from 0.
struct NumberedTerms {
    static let file = "vocabulary.txt"
    static let names = ExportManifest.Names(spelling: "numbers", file: file)
    private let numbers: [String: UInt32]
    private let terms: [String]

    init(_ receiver: String, _ source: ExportSource) throws {
        terms = source.vocabulary.terms
        if let term = terms.first(where: { $0.utf8.contains(0x0A) }) {
            throw ExchangeError.refused(receiver: receiver, detail: "the term '\(term)' holds a line break.")
        }
        // Terms that are equal as text but not as bytes are looked up by their bytes.
        numbers = Dictionary(zip(terms.map(Self.key), (0...)).map { ($0, UInt32($1)) }) { first, _ in first }
    }

    private static func key(_ term: String) -> String {
        term.utf8.allSatisfy { $0 < 0x80 }
            ? term : "\u{1}" + term.utf8.map { String($0, radix: 16) }.joined(separator: " ")
    }

    /// The terms, one on each line.
    var list: String { terms.map { $0 + "\n" }.joined() }

    /// Numbers and weights of a query, numbers ascending.
    func numbered(_ query: GoldenQueries.Query) -> [(number: UInt32, weight: UInt32)] {
        query.terms.compactMap { term in numbers[Self.key(term.term)].map { ($0, term.weight) } }
            .sorted { $0.number < $1.number }
    }

    /// `"indices":[…],"values":[…]`
    static func append(
        _ terms: some Collection<some BinaryInteger>, _ values: some Collection<some BinaryInteger>,
        to part: inout JSONBytes
    ) {
        part.append("\"indices\":[")
        for term in terms {
            part.append(term)
            part.append(",")
        }
        part.dropComma()
        part.append("],\"values\":[")
        for value in values {
            part.append(value)
            part.append(",")
        }
        part.dropComma()
        part.append("]")
    }

    /// `{"indices":[…],"values":[…]}` of a query.
    func object(_ query: GoldenQueries.Query) -> String {
        let numbered = numbered(query)
        var object = JSONBytes()
        object.append("{")
        Self.append(numbered.map(\.number), numbered.map(\.weight), to: &object)
        object.append("}")
        return String(decoding: object.bytes, as: UTF8.self)
    }
}
