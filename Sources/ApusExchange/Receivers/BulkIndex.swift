import Apus

/// What OpenSearch and Elasticsearch have in common: `_bulk` files, ids of up to 512 bytes, names without dots, and weights of which nine
/// significant bits are kept, which impacts fit into.
struct BulkIndex {
    /// What stands for a dot.
    static let dot = "\u{2024}"
    static let replaced = [".": dot]
    private static let longestID = 512
    private let receiver: String
    private let terms: QuotedTerms

    init(_ receiver: String, _ source: ExportSource) throws {
        self.receiver = receiver
        if let term = source.vocabulary.terms.first(where: { $0.contains(Self.dot) || $0.isEmpty }) {
            throw ExchangeError.refused(
                receiver: receiver, detail: "dots in terms become '\(Self.dot)', and the term '\(term)' holds one.")
        }
        terms = QuotedTerms(source.vocabulary.terms.map(Self.spelled))
    }

    /// A term as a name of a feature.
    static func spelled(_ term: String) -> String {
        term.utf8.contains(0x2E) ? term.replacing(".", with: dot) : term
    }

    func append(_ document: ExportedDocument, to part: inout JSONBytes) throws {
        guard document.id.utf8.count <= Self.longestID else {
            throw ExchangeError.refused(
                receiver: receiver, detail: "the id '\(document.id.prefix(40))…' has more than \(Self.longestID) bytes."
            )
        }
        part.append("{\"index\":{\"_id\":")
        part.append(quoted: document.id)
        part.append("}}\n{\"id\":")
        part.append(quoted: document.id)
        part.append(",")
        DocumentMembers.append(document.text, to: &part)
        DocumentMembers.append(metadata: document.text, to: &part)
        part.append("\"vector\":")
        terms.append(document, to: &part)
        part.append("}\n")
    }

    /// The golden queries as bodies of `_search`, one on each line.
    static func queries(_ golden: GoldenQueries, _ query: (GoldenQueries.Query) -> String) -> String {
        golden.queries.map {
            "{\"id\":\($0.quotedID),\"body\":{\"size\":\(GoldenQueries.depth),\"_source\":false,\"query\":\(query($0))}}\n"
        }.joined()
    }

    /// The index with its mapping.
    static func mapping(vector: String) -> String {
        """
        {
          "mappings": {
            "properties": {
              "id": {"type": "keyword"},
              "title": {"type": "text"},
              "text": {"type": "text"},
              "metadata": {"type": "object", "dynamic": true},
              "vector": \(vector)
            }
          }
        }

        """
    }
}
